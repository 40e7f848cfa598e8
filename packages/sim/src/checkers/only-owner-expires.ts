import { compareVersions, type Version } from '@artemis/core';
import type { CheckerFactory } from './checker.js';

/**
 * A node makes itself the owner of what it registers, takes over or refutes, and nobody else. Only the owner expires: the
 * node that made the version which expires.
 */
export const onlyOwnerExpires: CheckerFactory = ({ violate }) => {
  /** By node and key: the last live version that the node made itself. */
  const made = new Map<string, Version>();
  return {
    onChange({ id }, { record, previous, origin, reason }) {
      if (origin !== 'local') return;
      const name = `${id} ${record.key}`;
      if (record.state === 'alive') {
        made.set(name, record.version);
        const { owner } = record.version;
        if (owner !== id) violate(`${id} made a version that belongs to ${owner}`, record.key);
      }
      if (reason !== 'expired') return;
      const own = made.get(name);
      if (previous !== undefined && own !== undefined && compareVersions(previous.version, own) === 0) return;
      violate(`${id} expired a version of ${previous?.version.owner ?? 'nobody'}`, record.key);
    },
  };
};
