import { drawSpan } from '../faults.js';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 150_000;

/**
 * As `crash`, and the disks are lost with the nodes: they start empty, and get everything from the others before they are
 * ready. Only what nobody else had yet may be missing.
 */
export const diskLoss: Scenario = {
  name: 'disk-loss',
  about: 'nodes killed with loss of their disks start empty and are full before they are ready',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 15_000,
  mustSee: { registered: 50, unregistered: 10 },
  play(stage) {
    const { random, faults } = stage;
    // One after the other: there is always a node that has what the one that is away had.
    const eachMs = actsMs / 4;
    for (let index = 0; index < 4; index += 1) {
      const within = { fromMs: index * eachMs + 5000, toMs: (index + 1) * eachMs - 10_000 };
      faults.crash(random.pick(stage.nodes), drawSpan(random, within, [200, 20_000]), 'lost');
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
