import type { Version } from '@artemis/core';
import { compareVersions } from '@artemis/core';
import { versionText } from '../node-table.js';
import type { CheckerFactory } from './checker.js';

/** The versions of a key never go back on a node, nor does the same one come twice. */
export const versionsForward: CheckerFactory = ({ violate }) => {
  const latest = new Map<string, Version>();
  return {
    onChange({ id }, { record: { key, version }, origin }) {
      // A change of what the node thinks of a record is none of the record.
      if (origin === 'view') return;
      const name = `${id} ${key}`;
      const before = latest.get(name);
      if (before !== undefined && compareVersions(version, before) <= 0) {
        violate(`${id} went from version ${versionText(before)} to ${versionText(version)}`, key);
      }
      latest.set(name, version);
    },
  };
};
