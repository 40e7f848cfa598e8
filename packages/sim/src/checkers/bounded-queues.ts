import type { SimNode } from '../sim-node.js';
import type { CheckerFactory } from './checker.js';

/** Every queue is within its limit: what waits for one peer, in flight included. */
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
