import { drawSpan } from '../faults.js';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const leaseMs = 15_000;
const actsMs = 150_000;

/**
 * Nodes are held up, from a second to three leases, while their clocks go on. What a node could not hear does not count
 * against its instances: nobody whose client was heard elsewhere, or could not be heard at all, expires on its return.
 */
export const pauses: Scenario = {
  name: 'pauses',
  about: 'nodes held up for up to three leases: what they could not hear meanwhile removes nobody',
  leaseMs,
  actsMs,
  convergeMs: 12_000,
  mustSee: { registered: 30, unregistered: 5 },
  play(stage) {
    const { random, faults } = stage;
    const within = { fromMs: 5000, toMs: actsMs };
    for (let pause = random.int(3, 7); pause > 0; pause -= 1) {
      const order = random.pick(['timers-first', 'messages-first'] as const);
      faults.pause(random.pick(stage.nodes), drawSpan(random, within, [1000, 3 * leaseMs]), order);
    }
    busyClients(stage, {
      clients: 25,
      routings: ['sticky', 'moving', 'sprayed'],
      acts: { change: 2, bounce: 1, leave: 1, die: 1 },
      actEveryMs: 25_000,
      untilMs: actsMs,
    });
  },
};
