import { apiRoutes, stampWallMs } from '@artemis/core';
import { aKey, anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import type { SimNode } from './node.fixture.js';
import { build, listed, threeNodes, urlOf } from './node.fixture.js';

const success = { response_status: { error_code: 'success' } };
const replicated = `${apiRoutes.replicaRegister.path}.json`;

function ownerAndRound({ node }: SimNode): unknown[] {
  const [service] = [...node.state.peers.services()];
  const [instance] = service?.instances ?? [];
  return [instance?.replica.version[3], instance?.replica.version[2]];
}

describe('a cluster of three nodes', () => {
  it('copies a registration to every node within a tenth of a second, once to each', async () => {
    const { time, network, nodes } = await threeNodes();
    network.resetTraffic();
    expect(await time.finish(nodes[0].node.state.registry.register([anInstance()]))).toEqual(success);
    await time.advance(100);
    expect(nodes.map((node) => listed(node))).toEqual([['inst-1'], ['inst-1'], ['inst-1']]);
    expect(network.traffic({ path: replicated }).requests).toBe(2);
  });

  it('never makes the caller wait for a peer', async () => {
    const { time, network, nodes } = await threeNodes();
    network.cut(urlOf('node1'), urlOf('node2'));
    network.cut(urlOf('node1'), urlOf('node3'));
    const before = time.nowMs;
    await time.finish(nodes[0].node.state.registry.register([anInstance()]));
    expect(time.nowMs - before).toBeLessThan(5);
  });

  it('brings what a cut held back once it is healed', async () => {
    const { time, network, nodes } = await threeNodes({ lease: { ttlMs: 300_000 } });
    network.cut(urlOf('node1'), urlOf('node2'));
    network.cut(urlOf('node3'), urlOf('node2'));
    await time.finish(nodes[0].node.state.registry.register([anInstance()]));
    await time.advance(30_000);
    expect([listed(nodes[1]), listed(nodes[2])]).toEqual([[], ['inst-1']]);
    network.heal();
    await time.runUntil(() => listed(nodes[1]).length === 1, 10_000);
  });

  it('brings through another node what a cut holds back', async () => {
    const { time, network, nodes } = await threeNodes({ lease: { ttlMs: 300_000 } });
    network.cut(urlOf('node1'), urlOf('node2'));
    await time.finish(nodes[0].node.state.registry.register([anInstance()]));
    await time.advance(100);
    expect([listed(nodes[1]), listed(nodes[2])]).toEqual([[], ['inst-1']]);
    await time.runUntil(() => listed(nodes[1]).length === 1, 10_000);
  });

  it('is one request for a hundred heartbeats', async () => {
    const { time, network, nodes } = await threeNodes();
    const ids = Array.from({ length: 100 }, (_, index) => `i${index}`);
    const { registry } = nodes[0].node.state;
    await time.finish(registry.register(ids.map((id) => anInstance({ instance_id: id }))));
    await time.advance(1000);
    network.resetTraffic();
    for (const id of ids) registry.heartbeat([aKey({ instance_id: id })]);
    await time.advance(1000);
    const path = `${apiRoutes.replicaHeartbeat.path}.json`;
    expect(network.traffic({ from: urlOf('node1'), to: urlOf('node2'), path }).requests).toBe(1);
  });

  it('does not tell in a renewal of a registration that its sender tells the others itself', async () => {
    const { time, network, nodes } = await threeNodes();
    await time.finish(nodes[0].node.state.registry.register([anInstance()]));
    await time.advance(100);
    network.setLinkFaults(urlOf('node1'), urlOf('node3'), { delayMs: [400, 400] });
    nodes[1].node.state.registry.heartbeat([aKey()]);
    await time.finish(nodes[0].node.state.registry.register([anInstance({ port: 1 })]));
    network.resetTraffic();
    await time.advance(1000);
    expect(nodes.map(({ changes }) => changes.length)).toEqual([2, 2, 2]);
    expect(network.traffic({ from: urlOf('node2'), path: replicated }).requests).toBe(0);
  });

  it('expires a silent instance everywhere within a second and a half of its lease', async () => {
    const { time, nodes } = await threeNodes({ lease: { ttlMs: 3000 } });
    await time.finish(nodes[0].node.state.registry.register([anInstance()]));
    await time.advance(2900);
    expect(nodes.map((node) => listed(node).length)).toEqual([1, 1, 1]);
    await time.advance(1600);
    expect(nodes.map((node) => listed(node).length)).toEqual([0, 0, 0]);
    const local = nodes.map(({ changes }) =>
      changes.filter(({ reason, origin }) => reason === 'expired' && origin === 'local'),
    );
    expect(local.map(({ length }) => length)).toEqual([1, 0, 0]);
  });

  it('keeps one version while heartbeats are sprayed over all nodes', async () => {
    const { time, nodes } = await threeNodes({ lease: { ttlMs: 3000 } });
    await time.finish(nodes[0].node.state.registry.register([anInstance()]));
    await time.advance(100);
    for (let beat = 0; beat < 200; beat += 1) {
      expect(nodes[beat % 3]?.node.state.registry.heartbeat([aKey()])).toEqual(success);
      await time.advance(500);
    }
    expect(nodes.map(({ changes }) => changes.length)).toEqual([1, 1, 1]);
  });

  it('moves an instance to the node that hears it when the owner cannot be told', async () => {
    const { time, network, nodes } = await threeNodes();
    await time.finish(nodes[0].node.state.registry.register([anInstance()]));
    await time.advance(100);
    network.detach(urlOf('node1'));
    await time.runUntil(() => nodes[1].node.state.cluster.status().peers[0]?.status !== 'alive', 10_000);
    nodes[1].node.state.registry.heartbeat([aKey()]);
    await time.advance(200);
    expect([ownerAndRound(nodes[1]), ownerAndRound(nodes[2])]).toEqual([
      ['node2', 2],
      ['node2', 2],
    ]);
    expect(nodes[2].changes.at(-1)).toMatchObject({ reason: 'moved', type: undefined });
  });

  it('refutes the expiry of an instance whose heartbeats did not reach its owner', async () => {
    const { time, network, nodes } = await threeNodes({ lease: { ttlMs: 3000 } });
    await time.finish(nodes[0].node.state.registry.register([anInstance()]));
    await time.advance(100);
    network.cut(urlOf('node2'), urlOf('node1'));
    network.cut(urlOf('node3'), urlOf('node1'));
    for (let beat = 0; beat < 10; beat += 1) {
      nodes[1].node.state.registry.heartbeat([aKey()]);
      await time.advance(1000);
      expect(listed(nodes[1])).toEqual(['inst-1']);
    }
    network.heal();
    nodes[1].node.state.registry.heartbeat([aKey()]);
    await time.runUntil(() => nodes.every((node) => listed(node).length === 1), 2900);
  });

  it('removes everywhere what was unregistered on another node before its copy arrived there', async () => {
    const { time, network, nodes } = await threeNodes();
    network.setFaults({ delayMs: [50, 50] });
    void nodes[0].node.state.registry.register([anInstance()]);
    await time.advance(5);
    void nodes[1].node.state.registry.unregister([aKey()]);
    await time.advance(1000);
    expect(nodes.map((node) => listed(node))).toEqual([[], [], []]);
  });

  it('clips the clock of a client, so that its peers take what the node stamps', async () => {
    const { time, nodes } = await threeNodes();
    const { clock, registry } = nodes[0].node.state;
    const nextYearMs = time.startWallMs + 365 * 24 * 3_600_000;
    clock.observeClient(nextYearMs * 1024);
    expect(stampWallMs(clock.stamp())).toBeLessThanOrEqual(nodes[0].runtime.clock.wallMs() + 1000);
    await time.finish(registry.register([anInstance()]));
    await time.advance(100);
    expect(listed(nodes[2])).toEqual(['inst-1']);
  });

  it('brings the table to a node that starts anew', async () => {
    const { time, network, nodes } = await threeNodes();
    await time.finish(nodes[0].node.state.registry.register([anInstance()]));
    await nodes[2].node.stop();
    network.detach(urlOf('node3'));
    await time.advance(100);
    const again = build('node3', { time, network });
    await again.node.start();
    expect(() => listed(again)).toThrow('joining the cluster');
    await time.runUntil(() => again.node.state.health.readiness().ready, 1000);
    expect(listed(again)).toEqual(['inst-1']);
  });

  it('repairs an outbox that overflowed', async () => {
    const { time, network, nodes } = await threeNodes({
      replication: { outboxLimit: 10 },
      lease: { ttlMs: 300_000 },
    });
    network.cut(urlOf('node1'), urlOf('node2'));
    const instances = Array.from({ length: 50 }, (_, index) => anInstance({ instance_id: `i${index}` }));
    await time.finish(nodes[0].node.state.registry.register(instances));
    await time.advance(20_000);
    expect(nodes[0].node.state.cluster.status().peers[0]).toMatchObject({ repair_pending: true });
    network.heal();
    await time.runUntil(() => listed(nodes[1]).length === 50, 10_000);
  });
});

describe('a node that stops', () => {
  it('sends what waits to its peers before it goes', async () => {
    const { time, nodes } = await threeNodes({ replication: { batchIntervalMs: 5000 } });
    const { registry } = nodes[0].node.state;
    await time.finish(registry.register([anInstance()]));
    await time.advance(100);
    await time.advance(3000);
    registry.heartbeat([aKey()]);
    await time.finish(nodes[0].node.drain(), 1000);
    const [lease] = nodes[1].node.state.leases.leases({}).services[0]?.leases ?? [];
    expect(lease?.age_ms).toBeLessThan(100);
  });

  it('refuses writes and is not ready, and gives up on unreachable peers in time', async () => {
    const { time, network, nodes } = await threeNodes({ server: { drainTimeoutMs: 2000 } });
    network.cut(urlOf('node1'), urlOf('node2'));
    const { registry, health } = nodes[0].node.state;
    await time.finish(registry.register([anInstance()]));
    const took = time.nowMs;
    await time.finish(nodes[0].node.drain(), 2100);
    expect(time.nowMs - took).toBeLessThanOrEqual(2010);
    await expect(registry.register([anInstance()])).rejects.toThrow('this node is stopping');
    expect(() => registry.heartbeat([aKey()])).toThrow('this node is stopping');
    expect(health.readiness()).toMatchObject({ ready: false, gates: { draining: { open: false } } });
  });
});

describe('a node whose store fails', () => {
  it('refuses writes, says so, goes on answering, and recovers', async () => {
    const { time, nodes } = await threeNodes();
    const { runtime, node } = nodes[0];
    await time.finish(node.state.registry.register([anInstance()]));
    runtime.store.failWith(new Error('no space left on device'));
    const refused = node.state.registry.register([anInstance({ instance_id: 'inst-2' })]);
    await expect(time.finish(refused)).rejects.toThrow('could not store');
    await expect(node.state.registry.unregister([aKey()])).rejects.toThrow('no space left on device');
    expect(listed(nodes[0])).toContain('inst-1');
    expect(node.state.health.unhealthy()).toContain('no space left on device');
    expect(node.state.health.readiness().gates.store).toMatchObject({ open: false });
    runtime.store.failWith(undefined);
    await time.advance(1100);
    expect([node.state.health.unhealthy(), node.state.health.readiness().ready]).toEqual([undefined, true]);
  });
});
