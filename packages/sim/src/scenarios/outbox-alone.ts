import { drawSpan } from '../faults.js';
import { withoutDigests } from '../interception.js';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 90_000;

/**
 * Tables are never compared: what links lose, and what could not be sent while they were cut, only the outboxes can bring,
 * which keep it until it is taken.
 */
export const outboxAlone: Scenario = {
  name: 'outbox-alone',
  about: 'loss and cuts while no tables are compared: the outboxes bring everything, in the end',
  leaseMs: 60_000,
  actsMs,
  convergeMs: 15_000,
  repairsPend: true,
  config: { replication: { timeoutMs: 2000 } },
  mustSee: { registered: 40, unregistered: 10 },
  play(stage) {
    const { random, faults } = stage;
    withoutDigests(stage.nodes);
    const loss = { requestLoss: 0.2, answerLoss: 0.2, duplicates: 0.2, delayMs: [1, 500] } as const;
    for (const pair of stage.cluster.pairs()) faults.disturb(pair, loss, { fromMs: 1000, toMs: actsMs });
    for (let cut = random.int(1, 3); cut > 0; cut -= 1) {
      faults.cut(stage.drawPair(), drawSpan(random, { fromMs: 3000, toMs: actsMs }, [2000, 20_000]));
    }
    busyClients(stage, {
      clients: 25,
      routings: ['sticky'],
      acts: { change: 3, bounce: 2, leave: 1 },
      actEveryMs: 12_000,
      untilMs: actsMs - 5000,
    });
  },
};
