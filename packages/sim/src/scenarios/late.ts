import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 100_000;
/** Twice the longest way: by the end of the acts nothing is under way any more. */
const lastWayMs = 18_000;

/**
 * Requests arrive up to 16 s late, long after their sender gave them up and sent newer ones, some of them twice: what
 * is outdated by then changes nothing. Nobody dies here, since an age that is so long under way tells too young a lease.
 */
export const late: Scenario = {
  name: 'late',
  about: 'requests that arrive long after they were given up: what is outdated changes nothing',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 10_000,
  config: { replication: { timeoutMs: 2000 } },
  mustSee: { registered: 80, unregistered: 20 },
  play(stage) {
    const faults = { requestLoss: 0.1, answerLoss: 0.3, duplicates: 0.5, delayMs: [1, 8000] } as const;
    const span = { fromMs: 1000, toMs: actsMs - lastWayMs };
    for (const pair of stage.cluster.pairs()) {
      if (stage.random.chance(0.7)) stage.faults.disturb(pair, faults, span);
    }
    busyClients(stage, {
      clients: 25,
      acts: { change: 3, bounce: 3, leave: 1 },
      actEveryMs: 10_000,
      untilMs: actsMs,
    });
  },
};
