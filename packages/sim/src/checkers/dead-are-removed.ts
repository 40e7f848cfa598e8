import type { SimNode } from '../sim-node.js';
import type { KeyTruth } from '../truth.js';
import type { CheckerFactory } from './checker.js';

/** Beyond the lease: until the owner serves it no more, and until it has left every node. Both with a little for the way. */
const atOwnerMs = 1000 + 50;
const everywhereMs = 1500 + 200;
/** A renewal's age leaves out its way, so that each slow way during the faults made the lease seem younger. */
const slowWaysMs = 4000;

/**
 * An instance whose client died is gone from its owner, and then from every node, soon after its lease. Calm is waited
 * for: until then the node that must notice may not know, or may not be heard.
 */
export const deadAreRemoved: CheckerFactory = ({ cluster, truth, nowMs, after, calm, violate }) => {
  const holders = (key: string): SimNode[] => cluster.nodes.filter(({ table }) => table.sees(key));

  /** When a node was ready for the first time, or went on after a pause: leases may have had a fresh term then. */
  let freshMs = -Infinity;
  const joining = new Set<string>();

  const expect = (known: KeyTruth, withinMs: number, isMeant: (node: SimNode) => boolean): void => {
    const { key, shared, fate, lastSentMs, ttlMs } = known;
    if (fate !== 'dead' || shared) return;
    const dueMs = Math.max(lastSentMs, freshMs) + ttlMs + withinMs;
    after(Math.max(0, dueMs - nowMs()), () => {
      const now = truth.get(key);
      if (now?.fate !== 'dead' || now.lastSentMs !== lastSentMs) return;
      const ids = holders(key).flatMap((node) => (isMeant(node) ? [node.id] : []));
      if (ids.length === 0) return;
      violate(
        `its client was last heard ${Math.round(nowMs() - lastSentMs)} ms ago, and ${ids.join()} hold it`,
        key,
      );
    });
  };
  const anyNode = (): boolean => true;

  return {
    onStarted({ id }) {
      joining.add(id);
    },
    onStep() {
      for (const { id, ready } of joining.size > 0 ? cluster.running : []) {
        if (ready && joining.delete(id)) freshMs = nowMs();
      }
    },
    onResumed() {
      freshMs = nowMs();
    },
    onCalm() {
      for (const known of truth.keys()) expect(known, everywhereMs + slowWaysMs, anyNode);
    },
    onClient({ kind, key }) {
      const known = truth.get(key);
      if (kind !== 'died' || known === undefined || !calm()) return;
      expect(known, everywhereMs, anyNode);
      expect(known, atOwnerMs, ({ id, table }) => table.get(key)?.version.owner === id);
    },
    atEnd() {
      for (const { key, fate, shared } of truth.keys()) {
        const ids = holders(key).map(({ id }) => id);
        if (shared || fate !== 'dead' || ids.length === 0) continue;
        violate(`its client died, and ${ids.join()} still hold it at the end`, key);
      }
    },
  };
};
