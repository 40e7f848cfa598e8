import { compareVersions } from '@artemis/core';
import { versionText } from '../node-table.js';
import type { CheckerFactory } from './checker.js';

/** A registration is found on every node a tenth of a second after its answer, at the latest. */
const limitMs = 100;

/** In calm every local change is on all nodes within a tenth of a second: it, or something newer. */
export const promptCopies: CheckerFactory = ({ cluster, after, calm, violate }) => ({
  onChange({ id }, { record: { key, version }, origin, reason }) {
    // A change of owner has no hurry: it waits with the renewals.
    if (!calm() || origin !== 'local' || reason === 'moved') return;
    after(limitMs, () => {
      const late = cluster.nodes.filter(({ table }) => {
        const held = table.get(key);
        return held === undefined || compareVersions(held.version, version) < 0;
      });
      if (late.length === 0) return;
      const ids = late.map((node) => node.id).join(', ');
      violate(`${versionText(version)} of ${id} has not reached ${ids} after ${limitMs} ms`, key);
    });
  },
});
