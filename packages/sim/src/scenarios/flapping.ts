import type { SeededRandom } from '@artemis/core/testing';
import type { SimClient } from '../client.js';
import type { Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';

const clients = 10;
const actsMs = 40_000;
const bursts = 8;

/**
 * Clients unregister and register within milliseconds, dozens of times, while the links lose and delay. A key costs an
 * outbox one entry, and one in flight, however often it flaps: with room for no more than that nothing overflows.
 */
export const flapping: Scenario = {
  name: 'flapping',
  about: 'keys that flap within 20 ms: equal everywhere, as the client said last, one entry per key',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 10_000,
  config: { replication: { outboxLimit: 2 * clients, timeoutMs: 2000 } },
  forbid: ['expired'],
  mustSee: { registered: 300, unregistered: 300 },
  play(stage) {
    const faults = { requestLoss: 0.1, answerLoss: 0.1, duplicates: 0.1, delayMs: [1, 300] } as const;
    for (const pair of stage.cluster.pairs()) stage.faults.disturb(pair, faults, { fromMs: 0, toMs: actsMs });
    for (let index = 0; index < clients; index += 1) {
      const random = stage.random.fork(`flap ${index}`);
      const routing = random.pick(['sticky', 'wandering'] as const);
      planBursts(stage, stage.client({ name: `inst-${index}`, routing }), random);
    }
    return async () => {
      const overflows = await stage.cluster.counted('outbox_overflows_total');
      return overflows === 0 ? undefined : `${overflows} outboxes overflowed: a key took more than one entry`;
    };
  },
};

function planBursts(stage: Stage, client: SimClient, random: SeededRandom): void {
  for (let burst = 0; burst < bursts; burst += 1) {
    const flaps = random.int(5, 15);
    const endsRegistered = random.chance(0.7);
    stage.at((burst * actsMs) / bursts + random.between(0, 2000), () => {
      for (let flap = 0; flap < flaps; flap += 1) {
        client.register({ metadata: { flap: `${burst}.${flap}` } });
        if (flap < flaps - 1 || !endsRegistered) client.unregister();
      }
    });
  }
}
