import type { ChangeReason } from '@artemis/core';
import type { SimNode } from '../sim-node.js';
import type { CheckerFactory } from './checker.js';

interface Renewal {
  readonly node: SimNode;
  /** When the client sent it, and how long the node had been paused until then, virtual ms. */
  readonly sentMs: number;
  readonly pausedMs: number;
}

/** Clocks that run too fast by a thousandth are no fault of a node. */
const clockTolerance = 0.995;

const doubts: readonly ChangeReason[] = ['expired', 'hidden', 'unconfirmed'];

/**
 * An instance whose client renews it at a node, acknowledged within the lease, is never removed, hidden or doubted at that
 * node; in calm at no node. A third node may blink while nodes that know better cannot be heard. The time that a node was
 * paused does not count, and what it heard in a former run it has forgotten.
 */
export const keptAlive: CheckerFactory = ({ cluster, truth, nowMs, calm, violate }) => {
  /** By key and node id. */
  const renewals = new Map<string, Map<string, Renewal>>();
  /** When the present run of each node began. */
  const begun = new Map<string, number>();
  const paused = new Map<string, number>();

  /** Virtual ms since the node, or any, acknowledged the client; `undefined` when that was not within the lease. */
  const renewedAgo = (key: string, nodeId?: string): number | undefined => {
    const known = truth.get(key);
    if (known === undefined) return undefined;
    const atNodes = [...(renewals.get(key)?.values() ?? [])];
    const ages = atNodes
      .filter(({ node }) => nodeId === undefined || node.id === nodeId)
      .map(({ node, sentMs, pausedMs }) => {
        // Of its pauses nobody else knows.
        const creditMs = nodeId === undefined ? 0 : node.pausedMs - pausedMs;
        return nowMs() - sentMs - creditMs;
      });
    const ago = Math.min(...ages);
    return ago < known.ttlMs * clockTolerance ? Math.round(ago) : undefined;
  };

  const forget = (id: string): void => {
    for (const atNodes of renewals.values()) atNodes.delete(id);
  };

  return {
    onChange({ id }, { record, previous, reason, type }) {
      const isDoubt = doubts.includes(reason) && previous?.state === 'alive';
      const ago = renewedAgo(record.key, id);
      if (isDoubt && ago !== undefined) {
        violate(`it is ${reason} at ${id}, ${ago} ms after that acknowledged its client`, record.key);
      } else if (isDoubt && calm() && renewedAgo(record.key) !== undefined) {
        violate(`it is ${reason} at ${id} in calm, while its client kept it alive elsewhere`, record.key);
      }
      // An unregister from elsewhere may arrive late, and the registration after it later still.
      if (type === 'delete') renewals.get(record.key)?.delete(id);
    },
    onClient({ kind, call, key, shared, nodeId, sentMs }) {
      if (shared) return;
      if (kind === 'sent' && call === 'unregister') renewals.delete(key);
      if (kind === 'acknowledged' && call !== 'unregister') {
        const node = cluster.get(nodeId);
        const atNodes = renewals.get(key) ?? new Map<string, Renewal>();
        // One that was sent to a former run tells nothing of this one.
        if (sentMs < (begun.get(nodeId) ?? 0)) return;
        renewals.set(key, atNodes.set(nodeId, { node, sentMs, pausedMs: node.pausedMs }));
      }
      const ago = renewedAgo(key, nodeId);
      if (kind !== 'unknown' || ago === undefined) return;
      violate(`${nodeId} does not know it ${ago} ms after it acknowledged its client`, key);
    },
    onStarted({ id }) {
      begun.set(id, nowMs());
    },
    onResumed({ id, pausedMs, config }) {
      const gapMs = pausedMs - (paused.get(id) ?? 0);
      paused.set(id, pausedMs);
      // So long a pause counts as a restart.
      if (gapMs > config.lease.orphanRetentionMs) forget(id);
    },
    onEnded({ id }) {
      forget(id);
    },
    atEnd() {
      for (const { key, fate, shared } of truth.keys()) {
        if (shared || fate !== 'wanted') continue;
        const lacking = cluster.nodes.filter(({ table }) => !table.sees(key));
        if (lacking.length === 0) continue;
        violate(`its client keeps it alive, and ${lacking.map(({ id }) => id).join(', ')} lack it`, key);
      }
    },
  };
};
