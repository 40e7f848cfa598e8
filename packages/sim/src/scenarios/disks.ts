import { drawSpan } from '../faults.js';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 120_000;

/**
 * Disks are slow for a while, and full for a while, and nodes are killed in the midst of it. While a write is not on the
 * disk it is not acknowledged; while none can be written clients are refused, and find another node.
 */
export const disks: Scenario = {
  name: 'disks',
  about: 'slow and full disks, and crashes on top: nothing is acknowledged that is not on the disk',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 15_000,
  mustSee: { registered: 40, unregistered: 5 },
  play(stage) {
    const { random, faults } = stage;
    const within = { fromMs: 3000, toMs: actsMs };
    for (const node of stage.nodes) {
      faults.slowDisk(node, random.int(50, 1500), drawSpan(random, within, [5000, 60_000]));
      if (random.chance(0.6)) faults.failDisk(node, drawSpan(random, within, [2000, 30_000]));
    }
    for (let crashes = random.int(2, 4); crashes > 0; crashes -= 1) {
      faults.crash(random.pick(stage.nodes), drawSpan(random, within, [500, 15_000]));
    }
    busyClients(stage, {
      clients: 20,
      routings: ['moving', 'sprayed'],
      acts: { change: 3, bounce: 2, leave: 1 },
      actEveryMs: 12_000,
      untilMs: actsMs,
    });
  },
};
