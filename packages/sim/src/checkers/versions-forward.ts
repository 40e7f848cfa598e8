import type { RegistryRecord } from '@artemis/core';
import { compareVersions } from '@artemis/core';
import { versionText } from '../node-table.js';
import type { CheckerFactory } from './checker.js';

/**
 * The versions of a key never go back on a node within one run, nor does the same one come twice; unless the node has
 * forgotten the key since, which it does with a removal when that is old enough, not earlier.
 */
export const versionsForward: CheckerFactory = ({ nowMs, violate }) => {
  const latest = new Map<string, { readonly record: RegistryRecord; readonly atMs: number }>();
  return {
    onChange({ id, run, config }, { record, previous, origin }) {
      // A change of what the node thinks of a record is none of the record.
      if (origin === 'view') return;
      const { key, version } = record;
      const name = `${id} ${run} ${key}`;
      const before = latest.get(name);
      latest.set(name, { record, atMs: nowMs() });
      if (before === undefined || compareVersions(version, before.record.version) > 0) return;
      const keptMs = nowMs() - before.atMs;
      // A live record that nobody confirmed is dropped without a trace.
      const mayForget = before.record.state === 'alive' || keptMs >= config.replication.tombstoneRetentionMs;
      if (previous === undefined && mayForget) return;
      violate(
        `${id} went from version ${versionText(before.record.version)} to ${versionText(version)}`,
        key,
      );
    },
  };
};
