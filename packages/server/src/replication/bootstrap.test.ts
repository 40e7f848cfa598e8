import type { RecordsResponse } from '@artemis/core';
import { apiRoutes, encodeRecord, stampAt } from '@artemis/core';
import {
  aKey,
  anAliveRecord,
  anInstance,
  MemoryStore,
  SeededRandom,
  SimNetwork,
  VirtualTime,
  parsePieces,
} from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SimCluster, SimNode } from '../node.fixture.js';
import { build, listed, threeNodes, urlOf } from '../node.fixture.js';
import { countRecords, intercept, metricOf, registerMany } from './exchange.fixture.js';

const longLease = { lease: { ttlMs: 1_500_000 } } as const;
const hangs = () => new Promise<never>(() => undefined);

const isReady = ({ node }: SimNode): boolean => node.state.health.readiness().ready;

function alone() {
  const time = new VirtualTime();
  const network = new SimNetwork({ scheduler: time.scheduler, random: new SeededRandom(1) });
  return { time, network };
}

async function started(shared: Pick<SimCluster, 'time' | 'network'>, name: string): Promise<SimNode> {
  const node = build(name, shared, longLease);
  await shared.time.finish(node.node.start());
  return node;
}

describe('an empty cluster', () => {
  it('begins at once where every peer refuses the connection', async () => {
    const shared = alone();
    const node = await started(shared, 'node1');
    expect(await shared.time.runUntil(() => isReady(node), 1000)).toBeLessThan(500);
  });

  it('begins within a second when all nodes are started together', async () => {
    const shared = alone();
    const nodes = ['node1', 'node2', 'node3'].map((name) => build(name, shared, longLease));
    await shared.time.finish(Promise.all(nodes.map(({ node }) => node.start())));
    expect(await shared.time.runUntil(() => nodes.every(isReady), 2000)).toBeLessThan(1000);
  });

  it('begins without a cluster, too, and where nothing is replicated', async () => {
    for (const overrides of [{ cluster: { enabled: false } }, { replication: { enabled: false } }]) {
      const { node } = build('node1', alone(), overrides);
      expect(node.state.cluster.node().synced).toBe(true);
    }
  });
});

describe('a node that joins', () => {
  let cluster: SimCluster;

  beforeEach(async () => {
    cluster = await threeNodes(longLease);
    await registerMany(cluster, 0, 300);
    await cluster.time.advance(500);
    cluster.network.detach(urlOf('node3'));
    await cluster.time.finish(cluster.nodes[2].node.stop());
  });

  it('is ready once it holds everything, and refuses clients until then', async () => {
    const node = await started(cluster, 'node3');
    const { registry, discovery, health, cluster: seen } = node.node.state;
    expect(() => discovery.service({ service_id: 'test-service' })).toThrow('joining the cluster');
    expect(() => discovery.services({})).toThrow('joining the cluster');
    expect(() => discovery.lookup({})).toThrow('joining the cluster');
    expect(() => registry.heartbeat([aKey()])).toThrow('joining the cluster');
    await expect(registry.register([anInstance()])).rejects.toMatchObject({
      problem: 'unavailable',
      details: { retryAfterSecs: 1 },
    });
    expect(health.readiness()).toMatchObject({ ready: false, gates: { synced: { open: false } } });
    expect(seen.node()).toMatchObject({ synced: false, status: 'starting' });
    expect(seen.upNodes().nodes).toEqual([]);
    expect(await metricOf(node, 'synced')).toBe(0);

    await cluster.time.runUntil(() => isReady(node), 2000);
    expect(listed(node)).toHaveLength(300);
    expect(seen.node()).toMatchObject({ synced: true, status: 'up' });
    expect(node.node.state.cluster.node().root_digest).toBe(
      cluster.nodes[0].node.state.cluster.node().root_digest,
    );
    expect(await metricOf(node, 'synced')).toBe(1);
  });

  it('takes in what peers send meanwhile, and answers their questions', async () => {
    for (const [index, name] of [
      [0, 'node1'],
      [1, 'node2'],
    ] as const) {
      intercept(cluster, name, cluster.nodes[index], (request, answer) =>
        request.path.startsWith(apiRoutes.replicaRecords.path) ? hangs() : answer(),
      );
    }
    const node = await started(cluster, 'node3');
    await cluster.time.advance(500);
    await registerMany(cluster, 0, 1, 'late');
    await cluster.time.advance(200);
    expect(isReady(node)).toBe(false);
    const { peers } = node.node.state;
    expect([...peers.services()][0]?.instances.map(({ instance_id: id }) => id)).toEqual(['late0']);
    const { instances } = parsePieces(peers.records({})) as RecordsResponse;
    expect(instances).toHaveLength(1);
  });

  it('is not held up by a peer that hangs', async () => {
    cluster.network.attach(urlOf('node2'), hangs);
    const node = await started(cluster, 'node3');
    await cluster.time.runUntil(() => isReady(node), 2500);
    expect(listed(node)).toHaveLength(300);
  });

  it('does not wait for a peer whose pages do not go on, beyond the time-out', async () => {
    cluster.network.detach(urlOf('node2'));
    intercept(cluster, 'node1', cluster.nodes[0], async (request, answer) => {
      const answered = await answer();
      const isPage = request.path.startsWith(apiRoutes.replicaRecords.path) && 'body' in answered;
      return isPage ? { ...answered, body: { ...(answered.body as object), next_cursor: '0000' } } : answered;
    });
    const node = await started(cluster, 'node3');
    await cluster.time.runUntil(() => isReady(node), 61_000);
  });

  it('expires nothing, and afterwards what should have gone meanwhile', async () => {
    const store = new MemoryStore();
    const version = { stamp: stampAt(cluster.time.startWallMs), origin: 'node3#r', owner: 'node3' };
    const record = anAliveRecord({ instance: { instance_id: 'mine' }, version, leaseTtlMs: 2000 });
    for (const name of ['node1', 'node2']) cluster.network.attach(urlOf(name), hangs);
    const node = build('node3', cluster, longLease, { store });
    await cluster.time.finish(node.node.start());
    const wire = encodeRecord({ record, ageMs: 0 });
    await cluster.time.finish(node.node.state.peers.register([wire], { 'x-artemis-node': 'node1' }));
    await cluster.time.advance(50_000);
    expect(node.changes.map(({ reason }) => reason)).not.toContain('expired');
    await cluster.time.advance(20_000);
    expect(isReady(node)).toBe(true);
    expect(node.changes.map(({ reason }) => reason)).toContain('expired');
  });

  it('waits for a peer that has caught up, rather than for one that has not', async () => {
    // Node 2 joins too and hangs in it: it holds nothing yet.
    await cluster.time.finish(cluster.nodes[1].node.stop());
    cluster.network.detach(urlOf('node2'));
    const second = build('node2', cluster, longLease);
    intercept(cluster, 'node1', cluster.nodes[0], (request, answer) =>
      request.path.startsWith(apiRoutes.replicaRecords.path) ? hangs() : answer(),
    );
    await cluster.time.finish(second.node.start());
    const third = await started(cluster, 'node3');
    await cluster.time.advance(20_000);
    expect([isReady(second), isReady(third)]).toEqual([false, false]);
    intercept(cluster, 'node1', cluster.nodes[0], (_request, answer) => answer());
    await cluster.time.runUntil(() => isReady(second) && isReady(third), 20_000);
    expect([listed(second).length, listed(third).length]).toEqual([300, 300]);
  });
});

describe('a node with another secret', () => {
  function withSecrets(strangerTimeoutMs: number) {
    const shared = alone();
    const nodes = ['node1', 'node2', 'node3'].map((name) => {
      const [secret, bootstrapTimeoutMs] =
        name === 'node3' ? ['another', strangerTimeoutMs] : ['the-one', 60_000];
      return build(name, shared, { ...longLease, cluster: { secret }, replication: { bootstrapTimeoutMs } });
    });
    return { shared, nodes: nodes as [SimNode, SimNode, SimNode] };
  }

  it('holds nobody up who starts while it serves', async () => {
    const { shared, nodes } = withSecrets(1000);
    const [one, two, stranger] = nodes;
    await shared.time.finish(stranger.node.start());
    await shared.time.runUntil(() => isReady(stranger), 2000);
    await shared.time.finish(Promise.all([one.node.start(), two.node.start()]));
    await shared.time.runUntil(() => isReady(one) && isReady(two), 3000);
  });

  it('holds nobody up, and serves alone only when its time is over', async () => {
    const { shared, nodes } = withSecrets(60_000);
    await shared.time.finish(Promise.all(nodes.map(({ node }) => node.start())));
    const [one, two, stranger] = nodes;
    await shared.time.runUntil(() => isReady(one) && isReady(two), 3000);
    await shared.time.advance(50_000);
    expect(isReady(stranger)).toBe(false);
    const path = `${apiRoutes.replicaDigest.path}.json`;
    expect(shared.network.traffic({ from: urlOf('node3'), path }).requests).toBeLessThan(120);
    await shared.time.advance(10_000);
    expect(isReady(stranger)).toBe(true);
  });
});

describe('a node that comes back with its store', () => {
  it('exchanges what differs, and does not take the whole table', async () => {
    const store = new MemoryStore();
    const shared = alone();
    const nodes = [
      build('node1', shared, longLease),
      build('node2', shared, longLease),
      build('node3', shared, longLease, { store }),
    ] as const;
    for (const { node } of nodes) await shared.time.finish(node.start());
    await shared.time.runUntil(() => nodes.every(isReady), 2000);
    const cluster = { ...shared, nodes };
    await registerMany(cluster, 0, 1000);
    await shared.time.advance(2000);
    await shared.time.finish(nodes[2].node.stop());
    shared.network.detach(urlOf('node3'));
    await registerMany(cluster, 0, 20, 'late');
    const count = countRecords(cluster);
    shared.network.detach(urlOf('node3'));

    const again = build('node3', shared, longLease, { store });
    await shared.time.finish(again.node.start());
    await shared.time.runUntil(() => isReady(again), 2000);
    expect(listed(again)).toHaveLength(1020);
    expect([count.pages, count.moved]).toEqual([0, 20]);
  });
});
