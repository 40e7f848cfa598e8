import type { CheckerFactory } from './checker.js';

/**
 * An instance whose client renews it at a node, acknowledged within the lease, is never removed from that node; in calm
 * from no node. A third node may blink while nodes that know better cannot be heard.
 */
export const keptAlive: CheckerFactory = ({ cluster, truth, nowMs, calm, violate }) => {
  /** By key and node: when the last acknowledged register or heartbeat left its client. */
  const renewals = new Map<string, Map<string, number>>();

  /** Virtual ms since the node, or any, acknowledged the client; `undefined` when that was not within the lease. */
  const renewedAgo = (key: string, nodeId?: string): number | undefined => {
    const known = truth.get(key);
    const atNodes = renewals.get(key);
    if (known === undefined || atNodes === undefined) return undefined;
    const at = nodeId === undefined ? Math.max(-Infinity, ...atNodes.values()) : atNodes.get(nodeId);
    const ago = nowMs() - (at ?? -Infinity);
    return ago < known.ttlMs ? Math.round(ago) : undefined;
  };

  return {
    onChange({ id }, { record, previous, reason }) {
      if (record.state !== 'removed' || previous?.state !== 'alive') return;
      const ago = renewedAgo(record.key, id);
      if (reason === 'expired' && ago !== undefined) {
        violate(`${id} let it expire ${ago} ms after it acknowledged its client`, record.key);
      } else if (reason === 'expired' && calm() && renewedAgo(record.key) !== undefined) {
        violate(`${id} let it expire in calm, while its client kept it alive elsewhere`, record.key);
      }
      // An unregister from elsewhere may arrive late, and the registration after it later still.
      renewals.get(record.key)?.delete(id);
    },
    onClient({ kind, call, key, shared, nodeId, sentMs }) {
      if (shared) return;
      if (kind === 'sent' && call === 'unregister') renewals.delete(key);
      if (kind === 'acknowledged' && call !== 'unregister') {
        const atNodes = renewals.get(key) ?? new Map<string, number>();
        renewals.set(key, atNodes.set(nodeId, sentMs));
      }
      const ago = renewedAgo(key, nodeId);
      if (kind !== 'unknown' || ago === undefined) return;
      violate(`${nodeId} does not know it ${ago} ms after it acknowledged its client`, key);
    },
    atEnd() {
      for (const { key, fate, shared } of truth.keys()) {
        if (shared || fate !== 'wanted') continue;
        const lacking = cluster.nodes.filter(({ table }) => table.get(key)?.state !== 'alive');
        if (lacking.length === 0) continue;
        violate(`its client keeps it alive, and ${lacking.map(({ id }) => id).join(', ')} lack it`, key);
      }
    },
  };
};
