import { apiRoutes } from '@artemis/core';
import { defaultConfig } from '@artemis/core/config';
import { aKey, anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import type { SimNode } from './node.fixture.js';
import { build, listed, threeNodes, urlOf } from './node.fixture.js';

const statesOf = ({ node }: SimNode): Record<string, string> =>
  Object.fromEntries(
    node.state.cluster.status().peers.map(({ node_id: id = '', status }): [string, string] => [id, status]),
  );
const ownersOf = ({ node }: SimNode) =>
  [...node.state.peers.services()].flatMap(({ instances }) =>
    instances.map(({ replica }) => replica.version[3]),
  );

describe('a node that is stopped', () => {
  it('is known to leave at once, and what it owned is owned by whoever hears the clients', async () => {
    const { time, nodes } = await threeNodes();
    const [first, second, third] = nodes;
    await time.finish(first.node.state.registry.register([anInstance()]));
    await time.advance(100);
    const began = time.nowMs;
    await time.finish(first.node.drain());
    expect(time.nowMs - began).toBeLessThan(100);
    expect([statesOf(second)['node1'], statesOf(third)['node1']]).toEqual(['leaving', 'leaving']);
    const serving = second.node.state.cluster.upNodes().nodes.map(({ url }) => url);
    expect(serving.sort()).toEqual([urlOf('node2'), urlOf('node3')]);
    second.node.state.registry.heartbeat([aKey()]);
    await time.advance(200);
    expect([ownersOf(second), ownersOf(third)]).toEqual([['node2'], ['node2']]);
  });

  it('does not wait for a peer that cannot be told', async () => {
    const { time, network, nodes } = await threeNodes({ server: { drainTimeoutMs: 500 } });
    network.cut(urlOf('node1'), urlOf('node2'));
    const began = time.nowMs;
    await time.finish(nodes[0].node.drain());
    expect(time.nowMs - began).toBeLessThanOrEqual(510);
  });

  it('can be stopped alone', async () => {
    const { time, nodes } = await threeNodes();
    await time.finish(nodes[0].node.stop());
    expect(nodes[0].node.state.health.readiness().ready).toBe(false);
  });
});

describe('a node that is added', () => {
  it('reaches everybody by the one node that it knows', async () => {
    const { time, network, nodes } = await threeNodes();
    await time.finish(nodes[2].node.state.registry.register([anInstance({ instance_id: 'before' })]));
    await time.advance(200);
    const fourth = build('node4', { time, network }, { cluster: { peers: ['node1:8080'] } });
    await fourth.node.start();
    await time.runUntil(() => fourth.node.state.health.readiness().ready, 10_000);
    expect(listed(fourth)).toEqual(['before']);
    await time.finish(fourth.node.state.registry.register([anInstance({ instance_id: 'after' })]));
    await time.runUntil(() => nodes.every((node) => listed(node).length === 2), 20_000);
    expect(statesOf(nodes[0])['node4']).toBe('alive');
    const entry = nodes[0].node.state.cluster.status().peers.find(({ node_id: id }) => id === 'node4');
    expect(entry?.learned).toBe(true);
  });

  it('can be told to a running node, and taken away again', async () => {
    const { time, network, nodes } = await threeNodes();
    const [first] = nodes;
    await time.finish(first.node.state.registry.register([anInstance()]));
    const fourth = build('node4', { time, network }, { cluster: { peers: ['node4:8080'] } });
    await fourth.node.start();
    await time.runUntil(() => fourth.node.state.health.readiness().ready, 10_000);
    const reload = (...peers: string[]) =>
      first.node.reload(defaultConfig({ cluster: { enabled: true, peers }, ratelimit: { burstSize: 1 } }));
    reload('node2:8080', 'node3:8080', 'node4:8080');
    await time.runUntil(() => listed(fourth).length === 1, 10_000);
    expect([1, 2].map(() => first.node.state.limiter.take('10.0.0.1').allowed)).toEqual([true, false]);
    reload('node2:8080', 'node3:8080');
    expect(Object.keys(statesOf(first))).toEqual(['node2', 'node3']);
    await time.advance(1000);
    network.resetTraffic();
    await time.finish(first.node.state.registry.register([anInstance({ instance_id: 'inst-2' })]));
    await time.advance(10_000);
    expect(network.traffic({ from: urlOf('node1'), to: urlOf('node4') }).requests).toBe(0);
  });
});

describe('two nodes with one node id', () => {
  it('refuse each other, and send each other nothing', async () => {
    const { time, network, nodes } = await threeNodes();
    const [first] = nodes;
    const double = build(
      'double',
      { time, network },
      { server: { nodeId: 'node1' }, cluster: { peers: ['node1:8080'] } },
    );
    await double.node.start();
    await time.advance(11_000);
    for (const { node } of [first, double]) {
      const peers = node.state.cluster.status().peers.filter(({ duplicate }) => duplicate === true);
      expect(peers.map(({ node_id: id }) => id)).toEqual(['node1']);
    }
    network.resetTraffic();
    await time.finish(first.node.state.registry.register([anInstance()]));
    await time.advance(10_000);
    const path = `${apiRoutes.replicaRegister.path}.json`;
    expect(network.traffic({ to: urlOf('double'), path }).requests).toBe(0);
    expect(network.traffic({ to: urlOf('node2'), path }).requests).toBe(1);
    expect(listed(double)).toEqual([]);
    const { text } = await first.node.state.metrics.render();
    expect(text).toContain('artemis_peer_duplicate{peer="double:8080"} 1');
  });
});
