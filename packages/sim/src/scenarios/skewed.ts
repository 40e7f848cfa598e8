import { drawSpan } from '../faults.js';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 90_000;

/**
 * Wall clocks up to 25 s apart, some loss, short cuts. Leases go by monotonic time and ages, so nothing expires wrongly;
 * clients carry the clock from node to node, so that their own writes are ordered as they meant. Their calls are not
 * lost: a write whose answer a client never got brings it no clock, and its order to a later one is not promised.
 */
export const skewed: Scenario = {
  name: 'skewed',
  about: 'clocks up to 25 s apart: what a client did last counts, and nothing expires wrongly',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 15_000,
  maxSkewMs: 25_000,
  mustSee: { registered: 50, unregistered: 10 },
  play(stage) {
    const faults = { requestLoss: 0.05, answerLoss: 0.05, duplicates: 0.05, delayMs: [1, 200] } as const;
    for (const pair of stage.cluster.pairs()) stage.faults.disturb(pair, faults, { fromMs: 0, toMs: actsMs });
    for (let cut = 0; cut < 3; cut += 1) {
      const span = drawSpan(stage.random, { fromMs: 5000, toMs: actsMs }, [1000, 20_000]);
      stage.faults.cut(stage.drawPair(), span);
    }
    busyClients(stage, {
      clients: 25,
      acts: { change: 3, bounce: 3, leave: 1, die: 1 },
      actEveryMs: 12_000,
      untilMs: actsMs,
    });
  },
};
