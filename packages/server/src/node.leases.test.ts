import type { Change, ChangeReason } from '@artemis/core';
import { aKey, anInstance, peerEndpoint } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import type { SimCluster, SimNode } from './node.fixture.js';
import { build, listed, threeNodes, urlOf } from './node.fixture.js';

const lease = { ttlMs: 3000, orphanGraceMs: 20_000, orphanRetentionMs: 60_000 };
const key = aKey();

async function withInstance(overrides: Parameters<typeof threeNodes>[0] = {}): Promise<SimCluster> {
  const cluster = await threeNodes({ lease, ...overrides });
  await cluster.time.finish(cluster.nodes[0].node.state.registry.register([anInstance()]));
  await cluster.time.advance(100);
  return cluster;
}

/** Heartbeats at a node every second, for so long. */
async function beat({ time }: SimCluster, { node }: SimNode, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1000) {
    node.state.registry.heartbeat([key]);
    await time.advance(1000);
  }
}

/** How a node shows the instance: its mark, `listed`, or `-` when it does not. */
function shown({ node }: SimNode): string {
  const { service } = node.state.discovery.service({ service_id: 'test-service' }).response;
  const [instance] = service?.instances ?? [];
  if (instance === undefined) return '-';
  return instance.unconfirmed === true ? 'unconfirmed' : 'listed';
}

function reasons({ changes }: { readonly changes: readonly Change[] }): ChangeReason[] {
  return changes.map(({ reason }) => reason);
}

function kill({ network, nodes }: SimCluster, index: number): Promise<void> {
  network.detach(urlOf(`node${index + 1}`));
  return nodes[index]?.node.stop() ?? Promise.resolve();
}

const asked = ({ network }: SimCluster): number =>
  network.traffic({ path: '/api/replication/registry/leases.json' }).requests;

describe('the leases of other nodes', () => {
  it('cost nothing while all nodes hear each other', async () => {
    const cluster = await withInstance();
    await beat(cluster, cluster.nodes[0], 30_000);
    expect([asked(cluster), cluster.nodes.map(reasons)]).toEqual([
      0,
      [['registered'], ['registered'], ['registered']],
    ]);
  });

  it('are asked for when the owner cannot be heard: a cut in one direction changes nothing', async () => {
    const cluster = await withInstance();
    cluster.network.cut(urlOf('node1'), urlOf('node3'));
    await beat(cluster, cluster.nodes[0], 100_000);
    expect(cluster.nodes.map(shown)).toEqual(['listed', 'listed', 'listed']);
    expect(reasons(cluster.nodes[2])).toEqual(['registered']);
    expect(asked(cluster)).toBeLessThan(250);
  });

  it('are asked for when two nodes hear only the third', async () => {
    const cluster = await withInstance();
    cluster.network.cut(urlOf('node1'), urlOf('node3'));
    cluster.network.cut(urlOf('node3'), urlOf('node1'));
    await beat(cluster, cluster.nodes[0], 100_000);
    expect(cluster.nodes.map(shown)).toEqual(['listed', 'listed', 'listed']);
    expect(cluster.nodes.flatMap(reasons)).toEqual(['registered', 'registered', 'registered']);
  });

  it('become unconfirmed, hidden, and go at their times when owner and clients are gone', async () => {
    const cluster = await withInstance();
    const { time, nodes } = cluster;
    nodes[0].node.state.registry.heartbeat([key]);
    const lastMs = time.nowMs;
    await time.advance(200);
    await time.finish(kill(cluster, 0));
    const at = async (ms: number): Promise<string[]> => {
      await time.advance(lastMs + ms - time.nowMs);
      return nodes.slice(1).map(shown);
    };
    expect(await at(lease.ttlMs + 500)).toEqual(['listed', 'listed']);
    expect(await at(lease.ttlMs + 1500)).toEqual(['unconfirmed', 'unconfirmed']);
    expect(await at(lease.ttlMs + lease.orphanGraceMs - 200)).toEqual(['unconfirmed', 'unconfirmed']);
    expect(await at(lease.ttlMs + lease.orphanGraceMs + 1500)).toEqual(['-', '-']);
    expect(reasons(nodes[1])).toEqual(['registered', 'unconfirmed', 'hidden']);
    await at(lease.ttlMs + lease.orphanRetentionMs - 200);
    expect(nodes[1].node.state.cluster.node().live_records).toBe(1);
    await at(lease.ttlMs + lease.orphanRetentionMs + 1500);
    expect(nodes.slice(1).map(({ node }) => node.state.cluster.node().live_records)).toEqual([0, 0]);
    expect(nodes[1].changes.at(-1)).toMatchObject({ reason: 'expired', type: undefined });
  });

  it.each(['unconfirmed', 'hidden'])(
    'are listed again everywhere the moment anybody renews an %s one',
    async (doubt) => {
      const cluster = await withInstance();
      const { time, nodes } = cluster;
      await time.finish(kill(cluster, 0));
      await time.runUntil(() => nodes.slice(1).every((node) => reasons(node).at(-1) === doubt));
      nodes[1].node.state.registry.heartbeat([key]);
      expect(listed(nodes[1])).toEqual(['inst-1']);
      await time.advance(500);
      expect(nodes.slice(1).map(shown)).toEqual(['listed', 'listed']);
      await beat(cluster, nodes[1], 10_000);
      expect(nodes.slice(1).map(shown)).toEqual(['listed', 'listed']);
    },
  );

  it('come back when a client proves wrong the removal after the retention', async () => {
    const cluster = await withInstance();
    const { time, network, nodes } = cluster;
    await time.finish(kill(cluster, 0));
    for (const [from, to] of [
      ['node2', 'node3'],
      ['node3', 'node2'],
    ] as const)
      network.cut(urlOf(from), urlOf(to));
    await beat(cluster, nodes[1], 80_000);
    expect([shown(nodes[1]), reasons(nodes[2]).at(-1)]).toEqual(['listed', 'expired']);
    network.heal();
    await beat(cluster, nodes[1], 10_000);
    expect(nodes.slice(1).map(shown)).toEqual(['listed', 'listed']);
  });
});

describe('a node that comes back with its store', () => {
  const restart = async ({ time, network, nodes }: SimCluster, index: 0 | 1 | 2): Promise<SimNode> => {
    const again = build(
      `node${index + 1}`,
      { time, network },
      { lease },
      { store: nodes[index].runtime.store },
    );
    await again.node.start();
    return again;
  };
  const ready = ({ node }: SimNode): boolean => node.state.health.readiness().ready;
  const alone = { lease, cluster: { peers: [] } };

  it('has a fresh term for every lease', async () => {
    const cluster = await withInstance();
    const { time } = cluster;
    for (const index of [0, 1, 2]) await time.finish(kill(cluster, index));
    await time.advance(10_000);
    const again = await restart(cluster, 0);
    await time.runUntil(() => ready(again), 70_000);
    expect(shown(again)).toBe('listed');
    await time.advance(2500);
    expect(shown(again)).toBe('listed');
    await time.advance(1000);
    expect(shown(again)).toBe('-');
  });

  it('begins the grace of an orphan not anew', async () => {
    const cluster = await withInstance();
    const { time } = cluster;
    await time.finish(kill(cluster, 0));
    await time.finish(kill(cluster, 1));
    await time.advance(15_000);
    await time.finish(kill(cluster, 2));
    await time.advance(10_000);
    const again = await restart(cluster, 2);
    await time.runUntil(() => ready(again), 70_000);
    expect(shown(again)).toBe('listed');
    await time.advance(5000);
    expect([shown(again), reasons(again)]).toEqual(['-', ['registered', 'hidden']]);
    expect(again.node.state.cluster.node().live_records).toBe(1);
  });

  it('hides what it has after a long absence, and forgets it when nobody confirms it', async () => {
    const { time, network, nodes } = await withInstance(alone);
    await time.finish(kill({ time, network, nodes }, 0));
    await time.advance(lease.orphanRetentionMs + 5000);
    const again = build('node1', { time, network }, alone, { store: nodes[0].runtime.store });
    await again.node.start();
    await time.advance(1000);
    expect([shown(again), again.node.state.cluster.node().live_records]).toEqual(['-', 0]);
    expect([...again.node.state.peers.services()]).toEqual([]);
    expect(again.runtime.logger.text()).toContain('it did not run for 1 minutes');
    await time.advance(5000);
    expect([again.runtime.store.records, again.node.state.leases.leases({}).total]).toEqual([[], 0]);
  });

  it('shows what it has after a long absence once a client or a peer confirms it', async () => {
    const cluster = await withInstance();
    const { time, network, nodes } = cluster;
    await time.finish(kill(cluster, 2));
    await beat(cluster, nodes[0], lease.orphanRetentionMs + 5000);
    const again = await restart({ time, network, nodes }, 2);
    expect(again.node.state.cluster.node().live_records).toBe(0);
    await beat(cluster, nodes[0], 2000);
    expect([shown(again), again.node.state.cluster.node().live_records]).toEqual(['listed', 1]);
  });
});

describe('a node that stood still', () => {
  const refused = { problem: 'unavailable', status: 503, details: { retryAfterSecs: 1 } };

  /** For so long nothing of the first node happens, as after SIGSTOP. */
  async function standStill({ time, nodes }: SimCluster, ms: number): Promise<void> {
    const { process } = nodes[0].runtime;
    process.pause();
    await time.advance(ms);
    process.resume();
  }

  /** What the first node answers to the renewal of a peer. */
  async function peerIsTold({ time, nodes }: SimCluster): Promise<[status: number, retryAfter?: string]> {
    const told = peerEndpoint(nodes[0].node.state)({
      method: 'POST',
      path: '/api/replication/registry/heartbeat.json',
      headers: { 'x-artemis-replication': 'true', 'x-artemis-node': 'node2' },
      body: { instance_keys: [key] },
      timeoutMs: 1000,
    });
    const { status, headers } = await time.finish(told);
    const { 'retry-after': retryAfter } = headers;
    return retryAfter === undefined ? [status] : [status, retryAfter];
  }

  it('for longer than the orphan retention takes nothing for a second: what it reads may be that old', async () => {
    const cluster = await withInstance();
    const { time, nodes } = cluster;
    const { registry } = nodes[0].node.state;
    await standStill(cluster, lease.orphanRetentionMs + 1000);
    expect(() => registry.heartbeat([key])).toThrow(expect.objectContaining(refused));
    await expect(time.finish(registry.register([anInstance()]))).rejects.toMatchObject(refused);
    expect(await peerIsTold(cluster)).toEqual([503, '1']);
    await time.advance(900);
    expect(() => registry.heartbeat([key])).toThrow(expect.objectContaining(refused));
    await time.advance(200);
    expect(await peerIsTold(cluster)).toEqual([200]);
    await time.finish(registry.register([anInstance()]));
    expect(registry.heartbeat([key]).failed_instance_keys).toBeUndefined();
  });

  it('for less than that goes on at once', async () => {
    const cluster = await withInstance();
    await standStill(cluster, lease.orphanRetentionMs - 1000);
    expect(() => cluster.nodes[0].node.state.registry.heartbeat([key])).not.toThrow();
    expect(await peerIsTold(cluster)).toEqual([200]);
  });
});
