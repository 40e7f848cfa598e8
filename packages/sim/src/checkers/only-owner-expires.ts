import { versionText } from '../node-table.js';
import type { CheckerFactory } from './checker.js';

/**
 * A node makes itself the owner of what it registers, takes over or refutes, and nobody else. Only the owner expires: the
 * node that made the version which expires, in this run or an earlier one. Anybody may after the retention of orphans, which
 * counts from the last renewal that was heard of here.
 */
export const onlyOwnerExpires: CheckerFactory = ({ nowMs, violate }) => {
  /** By node, key and version: what the node made itself. */
  const made = new Set<string>();
  /** By node and key. */
  const heardMs = new Map<string, number>();
  return {
    onChange({ id, config }, { record, previous, origin, reason, ageMs }) {
      const { key } = record;
      const quietMs = nowMs() - (heardMs.get(`${id} ${key}`) ?? -Infinity);
      // What comes from the disk is no news, and what a peer sends is as old as it says.
      if (origin !== 'view' && origin !== 'recovery') heardMs.set(`${id} ${key}`, nowMs() - ageMs);
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
