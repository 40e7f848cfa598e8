import { dropNews, intercept, isRoute, trouble } from '../interception.js';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 60_000;

/**
 * As `silent-loss`, and only one node compares tables: it must bring to each of the others what that lacks, and fetch what
 * it lacks itself, or nobody does.
 */
export const oneSided: Scenario = {
  name: 'one-sided',
  about: 'nodes drop what they are sent, and only one compares tables: it pulls and pushes for all',
  leaseMs: 60_000,
  actsMs,
  convergeMs: 20_000,
  repairsPend: true,
  forbid: ['expired'],
  mustSee: { registered: 60, unregistered: 10 },
  play(stage) {
    const only = stage.random.pick(stage.nodes);
    for (const node of stage.nodes) {
      intercept(node, (request) => {
        const isAsked = isRoute(request, 'replicaDigest') && request.headers['x-artemis-node'] !== only.id;
        return isAsked ? trouble : undefined;
      });
    }
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
