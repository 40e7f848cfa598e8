import type { CheckerFactory } from './checker.js';

/** Beyond the lease: half a second to notice, and what is left to reach every node. */
const graceMs = 1500;
const copyMs = 200;

/** An instance whose client died is gone from every node: in calm soon after its lease, at the latest at the end. */
export const deadAreRemoved: CheckerFactory = ({ cluster, truth, nowMs, after, calm, violate }) => {
  const holders = (key: string): string =>
    cluster.nodes
      .filter(({ table }) => table.get(key)?.state === 'alive')
      .map(({ id }) => id)
      .join(', ');
  return {
    onClient({ kind, key, shared }) {
      const known = truth.get(key);
      if (kind !== 'died' || shared || known === undefined || !calm()) return;
      const { lastSentMs, ttlMs } = known;
      after(lastSentMs + ttlMs + graceMs + copyMs - nowMs(), () => {
        const now = truth.get(key);
        if (now?.fate !== 'dead' || now.lastSentMs !== lastSentMs || holders(key) === '') return;
        violate(`its lease ended ${graceMs + copyMs} ms ago, and ${holders(key)} still hold it`, key);
      });
    },
    atEnd() {
      for (const { key, fate, shared } of truth.keys()) {
        if (shared || fate !== 'dead' || holders(key) === '') continue;
        violate(`its client died, and ${holders(key)} still hold it at the end`, key);
      }
    },
  };
};
