import { drawSpan } from '../faults.js';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 150_000;

/**
 * Nodes are killed at random, one at a time or several, and start again with their disks. Clients go to another node when
 * theirs does not answer. What a node had acknowledged it has again; what it missed it gets before it is ready.
 */
export const crash: Scenario = {
  name: 'crash',
  about:
    'nodes killed and started again with their disks: nothing acknowledged is missing, nothing comes back',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 15_000,
  mustSee: { registered: 50, unregistered: 10 },
  play(stage) {
    const { random, faults } = stage;
    const within = { fromMs: 5000, toMs: actsMs };
    for (let crashes = random.int(3, 7); crashes > 0; crashes -= 1) {
      faults.crash(random.pick(stage.nodes), drawSpan(random, within, [200, 40_000]));
    }
    busyClients(stage, {
      clients: 25,
      routings: ['moving', 'sprayed'],
      acts: { change: 3, bounce: 2, leave: 2, die: 1 },
      actEveryMs: 20_000,
      untilMs: actsMs,
    });
  },
};
