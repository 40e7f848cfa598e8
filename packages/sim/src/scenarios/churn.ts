import { drawSpan } from '../faults.js';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 180_000;

/** Everything that can go wrong with nodes, links, clocks and disks, at once, under clients that come and go. */
export const churn: Scenario = {
  name: 'churn',
  about: 'crashes, pauses, restarts, cuts, loss, drifting clocks and slow disks at once',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 20_000,
  maxSkewMs: 25_000,
  mustSee: { registered: 60, unregistered: 10 },
  play(stage) {
    const { random, faults } = stage;
    const within = { fromMs: 3000, toMs: actsMs };
    for (const pair of stage.cluster.pairs()) {
      const badness = random.between(0, 0.15);
      const link = { requestLoss: badness, answerLoss: badness, duplicates: badness } as const;
      faults.disturb(pair, { ...link, delayMs: [1, random.between(2, 400)] }, { fromMs: 0, toMs: actsMs });
    }
    for (let more = random.int(5, 10); more > 0; more -= 1) {
      const node = random.pick(stage.nodes);
      const span = drawSpan(random, within, [500, 40_000]);
      random.pick([
        () => faults.crash(node, span),
        () => faults.crash(node, span, 'lost'),
        () => faults.pause(node, span, random.pick(['timers-first', 'messages-first'] as const)),
        () => faults.cut(stage.drawPair(), span),
        () => faults.cutBothWays(stage.drawPair(), span),
        () => faults.driftClock(node, random.pick([0.999, 1.001]), span),
        () => faults.slowDisk(node, random.int(20, 500), span),
      ])();
    }
    busyClients(stage, {
      clients: 25,
      routings: ['moving', 'sprayed', 'sticky'],
      acts: { change: 3, bounce: 3, leave: 2, die: 2 },
      actEveryMs: 15_000,
      untilMs: actsMs,
    });
  },
};
