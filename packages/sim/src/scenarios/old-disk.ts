import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 110_000;

/**
 * A node is killed and starts with a disk of some time ago, as from a backup; its peers tell it what it has forgotten, and
 * nothing that it wrote then counts against what came after.
 */
export const oldDisk: Scenario = {
  name: 'old-disk',
  about: 'a node starts with the disk of a minute ago: it learns what it forgot, and nothing comes back',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 10_000,
  mustSee: { registered: 40, unregistered: 10 },
  play(stage) {
    const { random, faults } = stage;
    for (const fromMs of [20_000, 70_000]) {
      const node = random.pick(stage.nodes);
      stage.at(fromMs - random.between(1000, 18_000), () => node.backUp());
      faults.crash(node, { fromMs, toMs: fromMs + random.int(500, 15_000) }, 'old');
    }
    busyClients(stage, {
      clients: 25,
      routings: ['moving', 'sprayed'],
      acts: { change: 3, bounce: 2, leave: 3, die: 1 },
      actEveryMs: 10_000,
      untilMs: actsMs,
    });
  },
};
