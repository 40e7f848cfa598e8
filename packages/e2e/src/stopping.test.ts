import { anInstance } from '@artemis/core/testing';
import { describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { FakePeer } from './harness/fake-peer.js';
import { startNode, untilConnected, type NodeProcess } from './harness/node-process.js';
import { freePort, freePorts, host } from './harness/ports.js';
import { accept, hang } from './harness/reactions.js';
import { useStage } from './harness/stage.js';

const clean = { code: 0, signal: null };

describe('a node that gets SIGTERM', () => {
  const stage = useStage();

  async function startWith(peer: FakePeer, drainSecs: number): Promise<NodeProcess> {
    const node = await startNode(stage, {
      name: 'node1',
      port: await freePort(),
      peers: [peer.address],
      settings: { server: { drain_timeout_secs: drainSecs }, replication: { timeout_secs: 60 } },
    });
    await untilConnected([node]);
    return node;
  }

  /** Registers instances one by one, the first of which hangs at the peer. */
  async function fillOutbox(node: NodeProcess, peer: FakePeer, count: number): Promise<string[]> {
    peer.react = hang;
    const ids = Array.from({ length: count }, (_, index) => `inst-${index}`);
    for (const id of ids) await node.api.register([anInstance({ instance_id: id })]);
    await eventually(() => expect(peer.deliveries.length).toBeGreaterThan(0));
    return ids;
  }

  stage.test('brings to its peers what waits for them and exits with 0', async () => {
    const peer = await FakePeer.start(stage, 'node2');
    const node = await startWith(peer, 30);
    const ids = await fillOutbox(node, peer, 50);
    const asked = performance.now();
    node.signal('SIGTERM');
    await eventually(() => expect(node.log).toContain('SIGTERM: stopping'));
    expect(ids.filter((id) => peer.accepted(id) !== undefined)).toEqual([]);
    peer.react = accept;
    peer.cutConnections();
    expect(await node.exitWithin(30_000)).toEqual(clean);
    expect(performance.now() - asked).toBeLessThan(20_000);
    expect(ids.filter((id) => peer.accepted(id) === undefined)).toEqual([]);
    expect(node.log).toMatch(/ Stopped\n$/);
  });

  stage.test('gives up on a peer that takes nothing when the drain time is over, and says so', async () => {
    const peer = await FakePeer.start(stage, 'node2');
    const node = await startWith(peer, 1);
    await fillOutbox(node, peer, 3);
    const asked = performance.now();
    node.signal('SIGTERM');
    expect(await node.exitWithin(30_000)).toEqual(clean);
    expect(performance.now() - asked).toBeGreaterThanOrEqual(1000);
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(node.log).toContain(`3 changes did not reach ${peer.address} before this node stopped`);
  });

  stage.test('a second time ends at once', async () => {
    const peer = await FakePeer.start(stage, 'node2');
    const node = await startWith(peer, 300);
    await fillOutbox(node, peer, 3);
    node.signal('SIGTERM');
    await eventually(() => expect(node.log).toContain('SIGTERM: stopping'));
    const asked = performance.now();
    node.signal('SIGTERM');
    expect(await node.exitWithin(30_000)).toEqual({ code: 143, signal: null });
    expect(performance.now() - asked).toBeLessThan(5000);
  });

  stage.test('in the middle of a burst loses nothing that it acknowledged', async () => {
    const [port1 = 0, port2 = 0] = await freePorts(2);
    const node2 = await startNode(stage, { name: 'node2', port: port2 });
    const node1 = await startNode(stage, { name: 'node1', port: port1, peers: [`${host}:${port2}`] });
    await untilConnected([node1]);
    const acknowledged: string[] = [];
    const client = async (name: string): Promise<void> => {
      for (let index = 0; ; index += 1) {
        const id = `${name}-${index}`;
        const registered = await node1.api.register([anInstance({ instance_id: id })]).catch(() => undefined);
        if (registered === undefined) return;
        acknowledged.push(id);
      }
    };
    const clients = Promise.all(['a', 'b', 'c', 'd'].map(client));
    await eventually(() => acknowledged.length > 200, { every: 5 });
    node1.signal('SIGTERM');
    await clients;
    expect(await node1.exitWithin(30_000)).toEqual(clean);
    const arrived = new Set(await node2.api.idsOf('test-service'));
    expect(acknowledged.filter((id) => !arrived.has(id))).toEqual([]);
  });
});
