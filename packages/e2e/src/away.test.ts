import { anInstance } from '@artemis/core/testing';
import { describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { LostTime } from './harness/lost-time.js';
import { Mesh } from './harness/mesh.js';
import type { NodeProcess } from './harness/node-process.js';
import { repeat } from './harness/repeat.js';
import { note, useStage } from './harness/stage.js';

/**
 * Long enough that every change is older than any queue and time-out. A minute, and whatever else is wanted:
 * `npm run soak:away`.
 */
const awayMs = 1000 * Number(process.env.SOAK_AWAY_SECS ?? 15);
const table = 3000;
/** So many change while the node is away, and so many go on changing after its return. */
const changing = 300;
const goingOn = 30;
const perSecond = 100;
const batch = 10;
/** So small that what a node missed is found by comparison. */
const outboxLimit = 100;
const settleMs = 1000;
/** 2 s are promised; a machine with two cores may have something else to do. */
const equalWithinMs = 5000;
/** How much older than `settleMs` a change may be that has not been copied yet, for the same reason. */
const busyMs = 1000;
/**
 * Node 2 meets two nodes that know better, each may tell it everything before it has heard the other, and both ends of a
 * pair may begin: four times what differs. Measured are up to three. One whole table would be ten.
 */
const mostMoved = 4 * changing;

const instanceOf = (index: number, port = 8080) =>
  anInstance({ service_id: `service-${index % 50}`, instance_id: `inst-${index}`, port });

describe('a node that was away', () => {
  const stage = useStage();
  let mesh: Mesh;
  let turns = 0;

  /** At nodes 1 and 3 in turn, so many of the instances one after the other. */
  const change = (most: number, done: () => boolean): Promise<void> =>
    repeat((1000 * batch) / perSecond, done, async () => {
      turns += 1;
      const first = (turns * batch) % most;
      const node = mesh.nodes[turns % 2 === 0 ? 0 : 2];
      await node?.api.register(
        Array.from({ length: batch }, (_, index) => instanceOf(first + index, 1 + (turns % 60_000))),
      );
    });
  const roots = async () =>
    new Set(await Promise.all(mesh.nodes.map(async ({ api }) => (await api.status()).root_digest)));
  const expectEqual = async () => expect((await roots()).size).toBe(1);
  const links = () => [...mesh.between(1, 2), ...mesh.between(2, 3)];
  const moved = async (): Promise<number> => {
    const pages = await Promise.all(mesh.nodes.map(({ api }) => api.metrics()));
    return pages.reduce((sum, page) => sum + page.sum('artemis_exchange_records_total'), 0);
  };
  /** An exchange is counted when it has ended. */
  const untilRepaired = () =>
    eventually(
      async () => {
        const all = await Promise.all(mesh.nodes.map(({ api }) => api.cluster()));
        expect(all.flatMap(({ peers }) => peers).filter((peer) => peer.repair_pending)).toEqual([]);
      },
      { within: 20_000 },
    );
  const untilEqual = async (what: string, condition: () => Promise<unknown>) => {
    const startMs = performance.now();
    const lost = new LostTime();
    let lookedMs = startMs;
    const look = (): Promise<unknown> => {
      lookedMs = performance.now();
      return condition();
    };
    // A look at whole tables is work for the nodes, too.
    await eventually(look, { within: 40_000, every: 200 }).finally(() => lost.end());
    const tookMs = Math.round(lookedMs - startMs);
    note(`${what}: equal ${tookMs} ms after the return`);
    expect(tookMs).toBeLessThan(equalWithinMs + lost.end());
  };
  const expectMoved = async (before: number) => {
    const records = (await moved()) - before;
    note(`${records} records moved for ${changing} that differed of ${table}`);
    // The outboxes of the two others brought the rest, if they were as full as they may be.
    expect(records).toBeGreaterThanOrEqual(changing - 2 * outboxLimit);
    expect(records).toBeLessThanOrEqual(mostMoved);
  };

  stage.test('10: is equal again soon, and only what differs has moved', async () => {
    mesh = await Mesh.start(stage, 3, {
      storage: { engine: 'memory' },
      lease: { ttl_secs: 600 },
      cluster: { health_check_interval_ms: 1000, probe_timeout_ms: 800 },
      replication: { outbox_limit: outboxLimit, timeout_secs: 2, settle_ms: settleMs },
      logging: { level: 'warn' },
    });
    for (let first = 0; first < table; first += 50) {
      const part = Array.from({ length: 50 }, (_, index) => instanceOf(first + index));
      await mesh.nodes[0]?.api.register(part);
    }
    await eventually(expectEqual, { within: 30_000 });
    await untilRepaired();
    const before = await moved();
    for (const link of links()) link.silence();
    const endMs = performance.now() + awayMs;
    await change(changing, () => performance.now() > endMs);
    expect((await roots()).size).toBeGreaterThan(1);
    for (const link of links()) link.release();
    await untilEqual('the changes stopped', expectEqual);
    await untilRepaired();
    await expectMoved(before);
  });

  stage.test('10: has nothing old that differs when the changes go on', async () => {
    const before = await moved();
    for (const link of links()) link.silence();
    const endMs = performance.now() + awayMs;
    await change(changing, () => performance.now() > endMs);
    let over = false;
    const changes = change(goingOn, () => over);
    try {
      for (const link of links()) link.release();
      const noneOld = async () => expect(await oldDifferences(mesh.nodes)).toEqual([]);
      await untilEqual('the changes went on', noneOld);
      for (let look = 0; look < 3; look += 1) await noneOld();
      await untilRepaired();
      await expectMoved(before);
    } finally {
      over = true;
      await changes;
    }
    await eventually(expectEqual);
  });
});

/** Keys that two nodes hold in different versions, of which the newest is older than what may be on its way. */
async function oldDifferences(nodes: readonly NodeProcess[]): Promise<string[]> {
  const oldestMs = Date.now() - settleMs - busyMs;
  const tables = await Promise.all(nodes.map(({ api }) => api.table()));
  const keys = new Set(tables.flatMap((held) => [...held.keys()]));
  return [...keys].filter((key) => {
    const versions = tables.map((held) => held.get(key)?.version);
    const newestMs = Math.max(...versions.map((version) => (version?.[0] ?? 0) / 1024));
    return newestMs < oldestMs && new Set(versions.map((version) => JSON.stringify(version))).size > 1;
  });
}
