import { apiRoutes } from '@artemis/core';
import type { Scenario } from '../scenario.js';

const maxBodyBytes = 40 * 1024;
const clients = 300;

/**
 * Nodes take bodies of 40 KiB at most and answer 413 to larger ones, which nobody repeats. Hundreds of large instances
 * register at one node at one instant, and send their heartbeats together: all that must be parted.
 */
export const smallBodies: Scenario = {
  name: 'small-bodies',
  about: 'many large instances at once and small bodies: requests are parted, none is refused as too large',
  leaseMs: 15_000,
  actsMs: 20_000,
  convergeMs: 1000,
  faultFree: true,
  links: { delayMs: [1, 1] },
  config: { server: { maxBodyBytes }, replication: { batchSize: clients } },
  forbid: ['expired', 'moved', 'refuted'],
  mustSee: { registered: clients, unregistered: clients / 2 },
  play(stage) {
    let tooLarge = 0;
    let requests = 0;
    for (const node of stage.nodes) {
      node.wrap((endpoint) => async (request) => {
        if (request.path.startsWith(apiRoutes.replicaServices.path.replace(/[^/]*$/, ''))) requests += 1;
        if (JSON.stringify(request.body ?? '').length <= maxBodyBytes) return endpoint(request);
        tooLarge += 1;
        return { status: 413, headers: {}, body: undefined };
      });
    }
    const home = stage.nodes.indexOf(stage.random.pick(stage.nodes));
    const metadata = { about: 'x'.repeat(1000) };
    for (let index = 0; index < clients; index += 1) {
      const client = stage.client({ name: `inst-${index}`, home });
      stage.at(1000, () => client.register({ metadata }));
      if (index % 2 === 0) stage.at(15_000, () => client.unregister());
    }
    return () => {
      if (requests < 20) return `only ${requests} requests`;
      return tooLarge === 0 ? undefined : `${tooLarge} requests were too large`;
    };
  },
};
