import type { SimNode } from '../sim-node.js';
import type { CheckerFactory } from './checker.js';

/**
 * Every queue that has a limit of its own is within it: what waits for one peer, in flight included.
 *
 * Two others have none, and need none. What waits for the store is the newest state of each key, and what waits for the
 * answers of peers about leases is each key once and not again before it is answered: neither is ever more than the
 * table. No number of theirs is looked at here, since nodes show none; their unit tests say that a key waits once.
 */
export const boundedQueues: CheckerFactory = ({ cluster, violate }) => {
  const check = ({ id, node, config }: SimNode): void => {
    const { outboxLimit } = config.replication;
    for (const { address, outbox_depth: depth } of node.state.cluster.status().peers) {
      if (depth > outboxLimit)
        violate(`${id} keeps ${depth} changes for ${address}, its limit is ${outboxLimit}`);
    }
  };
  return {
    onChange(node, { origin }) {
      if (origin === 'local') check(node);
    },
    onClient({ kind, nodeId }) {
      const node = cluster.get(nodeId);
      if (kind === 'acknowledged' && node.state === 'running') check(node);
    },
    onSecond() {
      for (const node of cluster.running) check(node);
    },
  };
};
