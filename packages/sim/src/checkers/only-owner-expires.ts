import { versionText } from '../node-table.js';
import type { CheckerFactory } from './checker.js';

/**
 * A node makes itself the owner of what it registers, takes over or refutes, and nobody else. Only the owner expires: the
 * node that made the version which expires, in this run or an earlier one. Anybody may after the retention of orphans, which
 * is as long as no version of it was heard of here, at least.
 */
export const onlyOwnerExpires: CheckerFactory = ({ nowMs, violate }) => {
  /** By node, key and version: what the node made itself. */
  const made = new Set<string>();
  /** By node and key. */
  const heardMs = new Map<string, number>();
  return {
    onChange({ id, config }, { record, previous, origin, reason }) {
      const { key } = record;
      const quietMs = nowMs() - (heardMs.get(`${id} ${key}`) ?? -Infinity);
      if (origin !== 'view') heardMs.set(`${id} ${key}`, nowMs());
      if (origin !== 'local') return;
      if (record.state === 'alive') {
        made.add(`${id} ${key} ${versionText(record.version)}`);
        const { owner } = record.version;
        if (owner !== id) violate(`${id} made a version that belongs to ${owner}`, key);
      }
      if (reason !== 'expired' || previous === undefined) return;
      const isOwn = made.has(`${id} ${key} ${versionText(previous.version)}`);
      if (isOwn || quietMs >= config.lease.orphanRetentionMs) return;
      violate(`${id} expired a version of ${previous.version.owner || 'nobody'}`, key);
    },
  };
};
