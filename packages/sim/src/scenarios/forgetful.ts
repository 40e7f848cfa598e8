import { apiRoutes } from '@artemis/core';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 60_000;

/**
 * One node says that it took what peers registered, and forgets it: outboxes are of no use then. Renewals alone find
 * out: what is missing or older there is sent again, what is newer elsewhere is answered. So all is equal once every
 * client has sent a heartbeat, a third of the lease later.
 *
 * Today's limit: a forgotten unregister would stay unnoticed until nodes compare their tables.
 */
export const forgetful: Scenario = {
  name: 'forgetful',
  about: 'a node forgets what it acknowledged: renewals find it, and it is sent again',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 12_000,
  mustSee: { registered: 40 },
  play(stage) {
    let forgotten = 0;
    const forgetting = stage.random.pick(stage.nodes);
    forgetting.wrap((endpoint) => async (request) => {
      const isRegister = request.path.startsWith(apiRoutes.replicaRegister.path);
      if (!isRegister || stage.nowMs >= actsMs) return endpoint(request);
      forgotten += 1;
      return { status: 200, headers: {}, body: { response_status: { error_code: 'success' } } };
    });
    busyClients(stage, {
      clients: 20,
      routings: ['sticky', 'wandering'],
      acts: { change: 1 },
      actEveryMs: 20_000,
      untilMs: actsMs,
    });
    // These live at the node that forgets, and change elsewhere: it renews what is outdated, and must learn so.
    for (let index = 0; index < 5; index += 1) {
      const client = stage.client({ name: `stale-${index}`, home: stage.nodes.indexOf(forgetting) });
      const other = stage.random.pick(stage.nodes.filter((node) => node !== forgetting));
      stage.at(1000, () => client.register());
      stage.at(stage.random.between(40_000, actsMs), () => client.register({ status: 'down' }, other));
    }
    return () => (forgotten > 10 ? undefined : `only ${forgotten} requests were forgotten`);
  },
};
