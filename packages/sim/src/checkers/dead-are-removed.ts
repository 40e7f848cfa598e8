import type { KeyTruth } from '../truth.js';
import type { CheckerFactory } from './checker.js';

/** Beyond the lease: half a second to notice, and what is left to reach every node. */
const graceMs = 1500;
const copyMs = 200;
/** A renewal's age leaves out its way, so that each slow way during the faults made the lease seem younger. */
const slowWaysMs = 4000;

/**
 * An instance whose client died is gone from every node soon after its lease. Calm is waited for: until then the node
 * that must notice may not know, or may not be heard.
 */
export const deadAreRemoved: CheckerFactory = ({ cluster, truth, nowMs, after, calm, violate }) => {
  const holders = (key: string): string =>
    cluster.nodes
      .filter(({ table }) => table.get(key)?.state === 'alive')
      .map(({ id }) => id)
      .join(', ');
  const expect = ({ key, shared, fate, lastSentMs, ttlMs }: KeyTruth, slackMs = 0): void => {
    if (fate !== 'dead' || shared) return;
    after(Math.max(0, lastSentMs + ttlMs + graceMs + copyMs + slackMs - nowMs()), () => {
      const now = truth.get(key);
      if (now?.fate !== 'dead' || now.lastSentMs !== lastSentMs || holders(key) === '') return;
      violate(
        `its client was last heard ${Math.round(nowMs() - lastSentMs)} ms ago, and ${holders(key)} hold it`,
        key,
      );
    });
  };
  return {
    onCalm() {
      for (const known of truth.keys()) expect(known, slowWaysMs);
    },
    onClient({ kind, key }) {
      const known = truth.get(key);
      if (kind === 'died' && known !== undefined && calm()) expect(known);
    },
    atEnd() {
      for (const { key, fate, shared } of truth.keys()) {
        if (shared || fate !== 'dead' || holders(key) === '') continue;
        violate(`its client died, and ${holders(key)} still hold it at the end`, key);
      }
    },
  };
};
