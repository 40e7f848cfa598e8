import { apiRoutes } from '@artemis/core';
import { aKey, anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import type { SimCluster } from '../node.fixture.js';
import { listed, threeNodes, urlOf } from '../node.fixture.js';
import {
  countRecords,
  intercept,
  isEqual,
  isolate,
  metricOf,
  registerMany,
  rootsOf,
} from './exchange.fixture.js';

const longLease = { lease: { ttlMs: 1_500_000 } } as const;
const digestPath = `${apiRoutes.replicaDigest.path}.json`;

describe('anti-entropy', () => {
  it('moves exactly what differs, both ways, when outboxes have forgotten it', async () => {
    const cluster = await threeNodes({ ...longLease, replication: { outboxLimit: 20 } });
    const { time, network, nodes } = cluster;
    for (let batch = 0; batch < 50; batch += 1) {
      await registerMany(cluster, 0, 10, `b${batch}-`);
      await time.advance(20);
    }
    await time.runUntil(() => isEqual(cluster), 20_000);
    isolate(cluster, 'node2');
    await registerMany(cluster, 0, 40, 'new');
    await registerMany(cluster, 1, 30, 'other');
    const gone = Array.from({ length: 25 }, (_, id) => aKey({ instance_id: `b${id}-1` }));
    await time.finish(nodes[0].node.state.registry.unregister(gone));
    await time.advance(30_000);
    expect(rootsOf(cluster)[0]).toBe(rootsOf(cluster)[2]);
    expect(isEqual(cluster)).toBe(false);

    const count = countRecords(cluster);
    network.heal();
    await time.runUntil(() => isEqual(cluster), 8000);
    const names = listed(nodes[1]);
    expect(names).toHaveLength(500 + 40 + 30 - 25);
    expect(names).not.toContain('b3-1');
    // Node 2 meets two nodes that hold the same: each difference may move twice, and no more.
    expect(count.moved).toBeLessThanOrEqual(2 * (40 + 30 + 25));
    expect(count.pages).toBe(0);
  });

  it('does not lose patience with a part of the table that changes all the time', async () => {
    const cluster = await threeNodes({ ...longLease, replication: { settleMs: 500 } });
    const { time, nodes } = cluster;
    // Whatever node 1 sends node 2 is lost, so that an exchange has to bring each change of this key.
    intercept(cluster, 'node2', nodes[1], async (request, answer) =>
      request.path.startsWith(apiRoutes.replicaRegister.path)
        ? { status: 200, headers: {}, body: { response_status: { error_code: 'success' } } }
        : answer(),
    );
    const portAt = (index: 0 | 1): number | undefined => {
      const { response } = nodes[index].node.state.discovery.service({ service_id: 'test-service' });
      return response.service?.instances[0]?.port;
    };
    for (let port = 1; port <= 20; port += 1) {
      await time.finish(nodes[0].node.state.registry.register([anInstance({ port })]));
      await time.advance(9000);
      expect([port, portAt(1)]).toEqual([port, port]);
    }
  });

  it('tells of it', async () => {
    const cluster = await threeNodes({ ...longLease, replication: { outboxLimit: 5 } });
    const { time, network, nodes } = cluster;
    isolate(cluster, 'node2');
    await registerMany(cluster, 0, 10);
    await time.advance(6000);
    const seen = () => nodes[0].node.state.cluster.status().peers[0];
    expect(seen()).toMatchObject({ repair_pending: true });
    network.heal();
    await time.runUntil(() => isEqual(cluster) && seen()?.repair_pending === false, 8000);
    await time.advance(6000);
    expect(seen()).toMatchObject({
      digest_equal: true,
      repair_pending: false,
      last_repair: expect.any(String),
    });
    const fetched = await Promise.all(nodes.map((node) => metricOf(node, 'exchange_records_total')));
    expect(fetched.reduce((sum, value) => sum + value)).toBeGreaterThanOrEqual(10);
  });

  it('leaves to the outboxes what is under way, however much that is', async () => {
    const cluster = await threeNodes(longLease);
    const { time, network, nodes } = cluster;
    network.setFaults({ delayMs: [1, 300] });
    for (let round = 0; round < 600; round += 1) {
      const { registry } = nodes[(round % 3) as 0 | 1 | 2].node.state;
      void registry.register([anInstance({ instance_id: `i${round % 200}`, port: round })]);
      await time.advance(50);
    }
    const moved = await Promise.all(nodes.map((node) => metricOf(node, 'exchange_records_total')));
    const compared = await Promise.all(nodes.map((node) => metricOf(node, 'exchanges_total')));
    expect(Math.min(...compared)).toBeGreaterThan(4);
    // 600 changes went to two peers each; a comparison meets one in a while at the moment when it arrives.
    expect(moved.reduce((sum, value) => sum + value)).toBeLessThan(30);
  });

  it('asks nothing while all is equal', async () => {
    const cluster = await threeNodes(longLease);
    await registerMany(cluster, 0, 100);
    await cluster.time.advance(10_000);
    cluster.network.resetTraffic();
    await cluster.time.advance(60_000);
    expect(cluster.network.traffic({ path: digestPath }).requests).toBe(0);
  });
});

/** How often node 1 asks node 2 for digests in two minutes. */
async function digestsAsked({ time, network }: SimCluster): Promise<number> {
  network.resetTraffic();
  await time.advance(120_000);
  return network.traffic({ from: urlOf('node1'), to: urlOf('node2'), path: digestPath }).requests;
}

/** Twelve comparisons a minute are due, of one or two requests; and a walk of forty now and then. */
const patientAsks = 2 * 12 * 2 + 6 * 40;

describe('a peer that cannot be made equal', () => {
  async function garbled(change: (body: Record<string, unknown>) => unknown): Promise<SimCluster> {
    const cluster = await threeNodes(longLease);
    await registerMany(cluster, 0, 300);
    await cluster.time.advance(1000);
    intercept(cluster, 'node2', cluster.nodes[1], async (request, answer) => {
      const answered = await answer();
      if (!('body' in answered)) return answered;
      const body = answered.body as Record<string, unknown>;
      if (request.path.startsWith(apiRoutes.node.path))
        return { ...answered, body: { ...body, root_digest: 'f'.repeat(16) } };
      return request.path === digestPath ? { ...answered, body: change(body) } : answered;
    });
    return cluster;
  }
  const everything = '0123456789abcdef';
  const allDiffer = (body: Record<string, unknown>) => ({
    ...body,
    root: 'f'.repeat(16),
    buckets: (body['buckets'] as { path: string }[]).map(({ path }) => ({ path, differ: everything })),
  });

  it.each([
    ['says that everything differs, and lists what is equal', allDiffer],
    [
      'says that everything differs, and lists nothing',
      (body: object) => ({ ...allDiffer({ ...body }), leaves: [] }),
    ],
    ['claims another root for equal buckets', (body: object) => ({ ...body, root: 'f'.repeat(16) })],
    ['answers for none of the buckets', (body: object) => ({ ...body, root: 'f'.repeat(16), buckets: [] })],
    ['answers nonsense', () => ({ response_status: { error_code: 'success' }, root: 7 })],
    ['answers an error', () => 'no'],
  ])('is not asked all the time when it %s', async (_what, change) => {
    const cluster = await garbled(change);
    expect(await digestsAsked(cluster)).toBeLessThan(patientAsks);
    expect(listed(cluster.nodes[0])).toHaveLength(300);
    expect(rootsOf(cluster)[0]).toBe(rootsOf(cluster)[2]);
  });

  it('is given less and less when it forgets what it takes', async () => {
    const cluster = await threeNodes(longLease);
    const { time, nodes } = cluster;
    let taken = 0;
    intercept(cluster, 'node2', nodes[1], async (request, answer) => {
      if (!request.path.startsWith(apiRoutes.replicaRegister.path)) return answer();
      taken += (request.body as { instances: unknown[] }).instances.length;
      return { status: 200, headers: {}, body: { response_status: { error_code: 'success' } } };
    });
    // Node 2 fetches what it lacks; here nothing but gifts shall help.
    for (const [index, name] of [
      [0, 'node1'],
      [2, 'node3'],
    ] as const) {
      intercept(cluster, name, nodes[index], async (request, answer) =>
        request.headers['x-artemis-node'] === 'node2' && request.path === digestPath
          ? { status: 503, headers: {}, body: undefined }
          : answer(),
      );
    }
    await registerMany(cluster, 0, 100);
    await time.advance(600_000);
    expect(taken).toBeGreaterThan(200);
    expect(taken).toBeLessThan(100 * 2 * 25);
  });

  it('holds nobody else up when it hangs', async () => {
    const cluster = await threeNodes({ ...longLease, replication: { outboxLimit: 5 } });
    const { time, network, nodes } = cluster;
    intercept(cluster, 'node2', nodes[1], (request, answer) =>
      request.path === digestPath ? new Promise(() => undefined) : answer(),
    );
    isolate(cluster, 'node3');
    await registerMany(cluster, 0, 50);
    await time.advance(20_000);
    network.heal();
    await time.runUntil(() => listed(nodes[2]).length === 50, 8000);
    expect(await digestsAsked(cluster)).toBeLessThan(patientAsks);
  });
});
