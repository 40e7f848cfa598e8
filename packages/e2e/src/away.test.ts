import { anInstance } from '@artemis/core/testing';
import { describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { Mesh } from './harness/mesh.js';
import { repeat } from './harness/repeat.js';
import { note, useStage } from './harness/stage.js';

const awayMs = 15_000;
const table = 6000;
const changing = 300;
const perSecond = 100;
const batch = 10;

const instanceOf = (index: number, port = 8080) =>
  anInstance({ service_id: `service-${index % 50}`, instance_id: `inst-${index}`, port });

describe('a node that was away', () => {
  const stage = useStage();

  stage.test('10: is equal again soon, and only what differs has moved', async () => {
    const mesh = await Mesh.start(stage, 3, {
      storage: { engine: 'memory' },
      lease: { ttl_secs: 600 },
      // So small that what it missed is found by comparison alone.
      replication: { outbox_limit: 100, timeout_secs: 2 },
      logging: { level: 'warn' },
    });
    const [node1, node2, node3] = mesh.nodes;
    if (node1 === undefined || node2 === undefined || node3 === undefined) throw new Error('three nodes');
    const root = async (node: typeof node1) => (await node.api.status()).root_digest;
    const areEqual = async () => {
      const roots = await Promise.all([node1, node2, node3].map(root));
      expect(new Set(roots).size).toBe(1);
    };
    for (let first = 0; first < table; first += 50) {
      await node1.api.register(Array.from({ length: 50 }, (_, index) => instanceOf(first + index)));
    }
    await eventually(areEqual, { within: 30_000 });
    const moved = async () => {
      const pages = await Promise.all(mesh.nodes.map(({ api }) => api.metrics()));
      return pages.reduce((sum, page) => sum + page.sum('artemis_exchange_records_total'), 0);
    };
    const before = await moved();

    for (const link of [...mesh.between(1, 2), ...mesh.between(2, 3)]) link.silence();
    const endMs = performance.now() + awayMs;
    await repeat(
      (1000 * batch) / perSecond,
      () => performance.now() > endMs,
      async (turn) => {
        const first = (turn * batch) % changing;
        const node = turn % 2 === 0 ? node1 : node3;
        await node.api.register(
          Array.from({ length: batch }, (_, index) => instanceOf(first + index, 1 + turn)),
        );
      },
    );
    expect(await root(node1)).not.toBe(await root(node2));

    for (const link of [...mesh.between(1, 2), ...mesh.between(2, 3)]) link.release();
    const startMs = performance.now();
    await eventually(areEqual, { within: 20_000 });
    note(`equal ${Math.round(performance.now() - startMs)} ms after the return`);
    // An exchange is counted when it has ended.
    await eventually(
      async () => {
        const peers = (await Promise.all(mesh.nodes.map(({ api }) => api.cluster()))).flatMap(
          (seen) => seen.peers,
        );
        expect(peers.filter(({ repair_pending: pending }) => pending)).toEqual([]);
      },
      { within: 20_000 },
    );
    const records = (await moved()) - before;
    note(`${records} records moved for ${changing} that differed of ${table}`);
    // Node 2 meets two nodes that know better, each may tell it everything, and both ends count: four times what differed,
    // and once more what a busy machine had to repeat. The whole table would be much more, told by one alone.
    expect(records).toBeGreaterThan(changing / 2);
    expect(records).toBeLessThan(table);
  });
});
