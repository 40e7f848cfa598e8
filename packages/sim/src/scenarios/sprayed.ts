import type { Scenario } from '../scenario.js';

const clients = 10;
const actsMs = 60_000;

/** A load balancer sends each heartbeat to another node. They renew, and nothing else: one version from first to last. */
export const sprayed: Scenario = {
  name: 'sprayed',
  about: 'two hundred heartbeats of each instance over all nodes: one version from first to last',
  leaseMs: 15_000,
  actsMs,
  convergeMs: 1000,
  faultFree: true,
  forbid: ['moved', 'refuted', 'expired', 'unregistered'],
  mustSee: { registered: clients },
  play(stage) {
    for (let index = 0; index < clients; index += 1) {
      const client = stage.client({ name: `inst-${index}`, routing: 'sprayed', heartbeatMs: [200, 400] });
      stage.at(stage.random.between(0, 1000), () => client.register());
    }
    return async () => {
      const heartbeats = await stage.cluster.counted('heartbeats_total');
      if (heartbeats < clients * 150) return `only ${heartbeats} heartbeats were sprayed`;
      const odd = stage.nodes.find(({ node }) => node.changes.revision !== clients);
      return odd && `${odd.id} saw ${odd.node.changes.revision} changes of ${clients} instances`;
    };
  },
};
