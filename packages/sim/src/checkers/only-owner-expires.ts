import { versionText } from '../node-table.js';
import type { CheckerFactory } from './checker.js';

/** Expiry may be noticed a little before the client's silence is that long, by a clock that runs fast. */
const toleranceMs = 1000;

/**
 * A node makes itself the owner of what it registers, takes over or refutes, and nobody else. Only the owner expires: the
 * node that made the version which expires, in this run or an earlier one. After the retention of orphans anybody may.
 */
export const onlyOwnerExpires: CheckerFactory = ({ truth, nowMs, violate }) => {
  /** By node, key and version: what the node made itself. */
  const made = new Set<string>();
  return {
    onChange({ id, config }, { record, previous, origin, reason }) {
      if (origin !== 'local') return;
      const { key } = record;
      if (record.state === 'alive') {
        made.add(`${id} ${key} ${versionText(record.version)}`);
        const { owner } = record.version;
        if (owner !== id) violate(`${id} made a version that belongs to ${owner}`, key);
      }
      if (reason !== 'expired' || previous === undefined) return;
      if (made.has(`${id} ${key} ${versionText(previous.version)}`)) return;
      const known = truth.get(key);
      const silentMs = nowMs() - (known?.lastSentMs ?? 0);
      if (silentMs > (known?.ttlMs ?? 0) + config.lease.orphanRetentionMs - toleranceMs) return;
      violate(`${id} expired a version of ${previous.version.owner || 'nobody'}`, key);
    },
  };
};
