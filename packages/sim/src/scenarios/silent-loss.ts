import { dropNews } from '../interception.js';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 60_000;
/**
 * Every node says that it took what others send it at once, and drops it: outboxes are of no use. Only comparing tables can
 * bring the news around, within the interval of comparisons, the settling time and a few round trips.
 */
export const silentLoss: Scenario = {
  name: 'silent-loss',
  about: 'nodes drop what they are sent and say that they took it: comparing tables alone finds out',
  leaseMs: 60_000,
  actsMs,
  convergeMs: 10_000,
  forbid: ['expired'],
  mustSee: { registered: 60, unregistered: 10 },
  play(stage) {
    const dropped = dropNews(stage);
    busyClients(stage, {
      clients: 30,
      routings: ['sticky'],
      acts: { change: 2, leave: 1 },
      actEveryMs: 15_000,
      untilMs: actsMs - 5000,
    });
    return () => (dropped() > 50 ? undefined : `only ${dropped()} requests were dropped`);
  },
};
