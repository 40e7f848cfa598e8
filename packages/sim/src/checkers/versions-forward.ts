import type { RegistryRecord } from '@artemis/core';
import { compareVersions } from '@artemis/core';
import { versionText } from '../node-table.js';
import type { CheckerFactory } from './checker.js';

/** The versions of a key never go back on a node within one run, nor does the same one come twice. */
export const versionsForward: CheckerFactory = ({ violate }) => {
  const latest = new Map<string, RegistryRecord>();
  return {
    onChange({ id, run }, { record, previous, origin }) {
      // A change of what the node thinks of a record is none of the record.
      if (origin === 'view') return;
      const { key, version } = record;
      const name = `${id} ${run} ${key}`;
      const before = latest.get(name);
      latest.set(name, record);
      // A live record that nobody confirmed is dropped without a trace, and may come again.
      if (before === undefined || (before.state === 'alive' && previous === undefined)) return;
      if (compareVersions(version, before.version) > 0) return;
      violate(`${id} went from version ${versionText(before.version)} to ${versionText(version)}`, key);
    },
  };
};
