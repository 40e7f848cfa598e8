import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const crashMs = { fromMs: 15_000, toMs: 30_000 };
const tornMs = { fromMs: 14_000, toMs: 50_000 };
const actsMs = 60_000;

/**
 * Two nodes cannot reach each other and know different things, when a third one joins that reaches both: it is ready when it
 * knows what either of them does, and brings it from the one to the other.
 */
export const tornDonors: Scenario = {
  name: 'torn-donors',
  about: 'a node joins two that are parted: it knows what either of them does before it is ready',
  nodes: [3, 3],
  leaseMs: 60_000,
  actsMs,
  convergeMs: 10_000,
  forbid: ['expired', 'hidden'],
  mustSee: { registered: 40 },
  play(stage) {
    const { random, faults } = stage;
    const [first, second] = stage.drawPair();
    const joins = stage.nodes.filter((node) => node !== first && node !== second);
    for (const node of joins) faults.crash(node, crashMs, random.pick(['kept', 'lost'] as const));
    faults.cutBothWays([first, second], tornMs);
    busyClients(stage, {
      clients: 30,
      routings: ['sticky'],
      homes: [first, second],
      acts: { change: 2, leave: 1 },
      actEveryMs: 10_000,
      untilMs: actsMs,
    });
  },
};
