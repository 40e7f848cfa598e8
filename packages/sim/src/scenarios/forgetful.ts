import { intercept, isRoute, taken, withoutDigests } from '../interception.js';
import type { Scenario } from '../scenario.js';
import { busyClients } from '../workload.js';

const actsMs = 60_000;

/**
 * One node says that it took what peers registered, and forgets it: outboxes are of no use then. Renewals alone find
 * out: what is missing or older there is sent again, what is newer elsewhere is answered. So all is equal once every
 * client has sent a heartbeat, a third of the lease later. Tables are never compared; an unregister that was forgotten
 * could not be found out otherwise, so nobody leaves.
 */
export const forgetful: Scenario = {
  name: 'forgetful',
  about: 'a node forgets what it acknowledged: renewals find it, and it is sent again',
  leaseMs: 30_000,
  actsMs,
  convergeMs: 12_000,
  repairsPend: true,
  mustSee: { registered: 40 },
  play(stage) {
    let forgotten = 0;
    withoutDigests(stage.nodes);
    const forgetting = stage.random.pick(stage.nodes);
    stage.faults.during(
      { fromMs: 0, toMs: actsMs },
      {
        kind: 'refusal',
        what: `${forgetting.id} forgets`,
        on: forgetting,
        begin: () => undefined,
        end: () => undefined,
      },
    );
    intercept(forgetting, (request) => {
      if (!isRoute(request, 'replicaRegister') || stage.nowMs >= actsMs) return undefined;
      forgotten += 1;
      return taken;
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
