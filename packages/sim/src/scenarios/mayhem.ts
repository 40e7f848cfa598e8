import { drawSpan } from '../faults.js';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 150_000;

/** Everything at once: what one mechanism does must not undo what another did. */
export const mayhem: Scenario = {
  name: 'mayhem',
  about: 'loss, delay, duplicates, cuts, skewed clocks and small outboxes at once',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 15_000,
  maxSkewMs: 25_000,
  config: { replication: { outboxLimit: 25 } },
  mustSee: { registered: 80, unregistered: 10 },
  play(stage) {
    const { random, faults } = stage;
    for (const pair of stage.cluster.pairs()) {
      const badness = random.between(0, 0.3);
      const link = { requestLoss: badness, answerLoss: badness, duplicates: badness } as const;
      faults.disturb(pair, { ...link, delayMs: [1, random.between(2, 900)] }, { fromMs: 0, toMs: actsMs });
    }
    for (let cut = random.int(2, 6); cut > 0; cut -= 1) {
      const span = drawSpan(random, { fromMs: 5000, toMs: actsMs }, [1000, 50_000]);
      if (random.chance(0.6)) faults.cut(stage.drawPair(), span);
      else faults.cutBothWays(stage.drawPair(), span);
    }
    busyClients(stage, {
      clients: 30,
      acts: { change: 3, bounce: 3, leave: 2, die: 2 },
      actEveryMs: 15_000,
      untilMs: actsMs,
    });
  },
};
