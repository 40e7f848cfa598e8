import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

/**
 * Between nodes every third call fails, one way or the other, requests arrive twice and out of order; clients lose calls
 * too. What was sent is repeated until it is answered.
 *
 * Today's promise: a batch under way at the end of the faults waits for its time-out (2 s), then for a probe and a
 * second chance: 10 s, a third of the lease.
 */
export const lossy: Scenario = {
  name: 'lossy',
  about: 'loss, delay and duplicates on every link: outboxes repeat what was not answered',
  leaseMs: 30_000,
  actsMs: 90_000,
  convergeMs: 10_000,
  config: { replication: { timeoutMs: 2000 } },
  clientLinks: { requestLoss: 0.05, answerLoss: 0.05, delayMs: [1, 200] },
  mustSee: { registered: 30, unregistered: 10 },
  play(stage) {
    const span = { fromMs: 1000, toMs: 90_000 };
    const faults = { requestLoss: 0.2, answerLoss: 0.2, duplicates: 0.2, delayMs: [1, 800] } as const;
    for (const pair of stage.cluster.pairs()) stage.faults.disturb(pair, faults, span);
    busyClients(stage, {
      clients: 30,
      acts: { change: 3, bounce: 2, leave: 1, die: 2 },
      actEveryMs: 15_000,
      untilMs: 85_000,
    });
  },
};
