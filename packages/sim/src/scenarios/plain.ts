import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

/** Nothing goes wrong, so everything is exact: a change is on all nodes within 100 ms and reaches each once. */
export const plain: Scenario = {
  name: 'plain',
  about: 'no faults: prompt copies, no echo, no superfluous message, the dead gone in time',
  leaseMs: 15_000,
  actsMs: 60_000,
  convergeMs: 1000,
  faultFree: true,
  mustSee: { registered: 30, unregistered: 5, expired: 2 },
  play(stage) {
    busyClients(stage, {
      clients: 30,
      acts: { change: 3, bounce: 2, leave: 1, die: 2 },
      actEveryMs: 15_000,
      untilMs: 60_000,
    });
  },
};
