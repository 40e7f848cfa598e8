import type { Version } from '@artemis/core';
import { compareVersions } from '@artemis/core';
import type { CheckerFactory } from './checker.js';

/**
 * An acknowledged unregister never comes back, unless the client registered later; at the end it is gone everywhere. A node
 * that has seen it in its present run never shows the instance again, though it may have forgotten by then.
 */
export const goneStaysGone: CheckerFactory = ({ cluster, truth, violate }) => {
  /** The newest unregister of each key that any node has seen. */
  const removals = new Map<string, Version>();
  /** By node, run and key: the newest unregister that it has seen. */
  const seen = new Map<string, Version>();
  const mustBeGone = (key: string): boolean => {
    const known = truth.get(key);
    return known?.fate === 'gone' && !known.shared;
  };
  return {
    onChange({ id, run }, { record, reason, type }) {
      const { key, version, state } = record;
      const removal = removals.get(key);
      const isNewer = removal === undefined || compareVersions(version, removal) > 0;
      if (reason === 'unregistered' && isNewer) removals.set(key, version);
      const own = seen.get(`${id} ${run} ${key}`);
      if (reason === 'unregistered' && (own === undefined || compareVersions(version, own) > 0))
        seen.set(`${id} ${run} ${key}`, version);
      const isKnown = own !== undefined && compareVersions(version, own) < 0;
      if (type === 'new' && isKnown && mustBeGone(key))
        violate(`${id} shows it again, which it knew to be unregistered`, key);
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
