import type { Version } from '@artemis/core';
import { compareVersions } from '@artemis/core';
import type { CheckerFactory } from './checker.js';

/** An acknowledged unregister never comes back, unless the client registered later; at the end it is gone everywhere. */
export const goneStaysGone: CheckerFactory = ({ cluster, truth, violate }) => {
  /** The newest unregister of each key that any node has seen. */
  const removals = new Map<string, Version>();
  const mustBeGone = (key: string): boolean => {
    const known = truth.get(key);
    return known?.fate === 'gone' && !known.shared;
  };
  return {
    onChange({ id }, { record, reason }) {
      const { key, version, state } = record;
      const removal = removals.get(key);
      const isNewer = removal === undefined || compareVersions(version, removal) > 0;
      if (reason === 'unregistered' && isNewer) removals.set(key, version);
      // An older registration may still arrive at a node that the unregister has not reached.
      if (state === 'alive' && isNewer && mustBeGone(key))
        violate(`${id} holds it again after its unregister was acknowledged`, key);
    },
    atEnd() {
      for (const { key } of truth.keys()) {
        if (!mustBeGone(key)) continue;
        const holding = cluster.nodes.filter(({ table }) => table.sees(key));
        if (holding.length === 0) continue;
        violate(`it was unregistered, and ${holding.map(({ id }) => id).join(', ')} still hold it`, key);
      }
    },
  };
};
