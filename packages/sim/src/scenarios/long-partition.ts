import { apiRoutes } from '@artemis/core';
import type { Scenario } from '../scenario.js';

const cutMs = { fromMs: 10_000, toMs: 610_000 };
const goesOnMs = 20_000;
const healWithinMs = 2000;
/** What changed so recently may be on its way. */
const settleMs = 1500;
const clients = 60;
/** Registered before the cut and never changed: a table beside which what differs is little. */
const steady = 300;
/** So long that they need few heartbeats, and no longer than nodes take. */
const steadyLeaseMs = 1_200_000;
/**
 * To and from the node that was away, without renewals, which waited for it: 100 000 to 150 000 for 60 keys, told by two. The
 * whole table, told by one, would be 100 000 more.
 */
const mostBytes = 180_000;
const renewals = `${apiRoutes.replicaHeartbeat.path}.json`;

/**
 * One node is away for ten minutes under ten changes a second, most of them of a few keys. Two seconds after its return no
 * key that has settled differs, whether the changes stop or go on; and what moves is what differs, not the table.
 */
export const longPartition: Scenario = {
  name: 'long-partition',
  about:
    'away for ten minutes under changes that go on: two seconds after its return nothing settled differs',
  nodes: [3, 3],
  leaseMs: 120_000,
  actsMs: cutMs.toMs + goesOnMs,
  convergeMs: healWithinMs,
  // A node that is back is noticed by the next probe.
  config: { cluster: { healthCheckIntervalMs: 1000 } },
  mustSee: { registered: 3000 },
  play(stage) {
    const { random, faults, cluster } = stage;
    const away = random.pick(stage.nodes);
    const others = stage.nodes.filter((node) => node !== away);
    faults.part([away], others, cutMs);
    const goesOn = random.chance(0.5);
    for (let index = 0; index < clients; index += 1) {
      const home = stage.nodes.indexOf(random.pick(others));
      const client = stage.client({ name: `inst-${index}`, service: `service-${index % 5}`, home });
      stage.at(random.between(0, 5000), () => client.register());
    }
    const changing = [...stage.clients];
    for (let index = 0; index < steady; index += 1) {
      const home = stage.nodes.indexOf(random.pick(others));
      const name = `steady-${index}`;
      const client = stage.client({ name, service: `service-${index % 5}`, home, ttlMs: steadyLeaseMs });
      stage.at(random.between(0, 5000), () => client.register());
    }
    for (let atMs = cutMs.fromMs; atMs < cutMs.toMs + (goesOn ? goesOnMs : 0); atMs += 100) {
      const client = random.pick(changing.slice(0, random.chance(0.9) ? clients / 4 : clients));
      const act = random.next();
      stage.at(atMs + random.between(0, 100), () => {
        if (act < 0.1) client.unregister();
        else client.register({ metadata: { at: String(atMs) } });
      });
    }
    let late: string | undefined;
    let moved = 0;
    stage.at(cutMs.toMs, () => cluster.network.resetTraffic());
    stage.at(cutMs.toMs + healWithinMs, () => {
      for (const filter of [{ from: away.url }, { to: away.url }]) {
        const all = cluster.network.traffic(filter);
        const renewing = cluster.network.traffic({ ...filter, path: renewals });
        moved += all.requestBytes + all.answerBytes - renewing.requestBytes - renewing.answerBytes;
      }
      const [other] = others;
      for (const key of new Set([...away.table.keys(), ...(other?.table.keys() ?? [])])) {
        const [here, there] = [away, other].map((node) => node?.table.get(key));
        const changedMs = Math.max(...others.map(({ table }) => table.changedMs(key) ?? 0));
        if (here?.version.stamp === there?.version.stamp || away.runtime.time.nowMs - changedMs < settleMs)
          continue;
        if (here?.state === 'alive' || there?.state === 'alive') late ??= `${key} is not the same`;
      }
    });
    return () => late ?? (moved < mostBytes ? undefined : `${moved} bytes moved for ${clients} keys`);
  },
};
