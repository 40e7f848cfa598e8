import { aKey, anInstance } from '@artemis/core/testing';
import { expect } from '@jest/globals';
import { eventually, throughout } from './harness/eventually.js';
import { FakePeer } from './harness/fake-peer.js';
import { Heartbeats } from './harness/heartbeats.js';
import { startCluster, startNode, untilConnected } from './harness/node-process.js';
import { freePort } from './harness/ports.js';
import { accept, hang } from './harness/reactions.js';
import { useStage } from './harness/stage.js';

const stage = useStage();
const clean = { code: 0, signal: null };

stage.test(
  'a node stopped in a burst leaves everything that it acknowledged on its peers, which go on',
  async () => {
    const nodes = await startCluster(stage, 3, { lease: { ttl_secs: 3 } });
    const [stopping, ...others] = nodes;
    const acknowledged: string[] = [];
    const client = async (name: string): Promise<void> => {
      for (let index = 0; ; index += 1) {
        const id = `${name}-${index}`;
        const answer = await stopping!.api.register([anInstance({ instance_id: id })]).catch(() => undefined);
        if (answer === undefined) return;
        acknowledged.push(id);
      }
    };
    const clients = Promise.all(['a', 'b', 'c', 'd'].map(client));
    await eventually(() => acknowledged.length > 200, { every: 5 });
    stopping!.signal('SIGTERM');
    await clients;
    const asked = performance.now();
    expect(await stopping!.exitWithin(15_000)).toEqual(clean);
    expect(performance.now() - asked).toBeLessThan(10_500);

    // Their clients go to the others, which take over at once: nothing is missing at any moment for three leases.
    const keys = acknowledged.map((id) => aKey({ instance_id: id }));
    for (const node of others) {
      const { peers } = await node.api.cluster();
      expect(peers.find(({ node_id: id }) => id === 'node1')?.status).toBe('leaving');
    }
    const beats = new Heartbeats(stage, others[0]!, keys, 700);
    await throughout(9000, async () => {
      for (const node of others) {
        const listed = new Set(await node.api.idsOf('test-service'));
        expect(acknowledged.filter((id) => !listed.has(id))).toEqual([]);
      }
    });
    expect(beats.failure).toBeUndefined();
    const leases = await others[1]!.api.leases('test-service');
    expect(new Set(leases.map(({ owner }) => owner))).toEqual(new Set(['node2']));
  },
);

stage.test('while it drains a node answers reads, sends writers elsewhere, and is not ready', async () => {
  const peer = await FakePeer.start(stage, 'node2');
  const node = await startNode(stage, {
    name: 'node1',
    port: await freePort(),
    peers: [peer.address],
    settings: { server: { drain_timeout_secs: 30 } },
  });
  await untilConnected([node]);
  peer.react = hang;
  await node.api.register([anInstance()]);
  await eventually(() => expect(peer.deliveries.length).toBeGreaterThan(0));
  node.signal('SIGTERM');
  const refused = await eventually(async () => {
    const answer = await node.api.http.ask('POST', '/api/registry/register.json', {
      json: { instances: [anInstance()] },
    });
    expect(answer.status).toBe(503);
    return answer;
  });
  expect(refused.headers).toMatchObject({ connection: 'close', 'retry-after': '1' });
  expect(JSON.parse(refused.text)).toMatchObject({ response_status: { error_code: 'service-unavailable' } });
  expect(await node.api.isReady()).toBe(false);
  expect(await node.api.idsOf('test-service')).toEqual(['inst-1']);
  expect((await node.api.status()).status).toBe('draining');
  peer.react = accept;
  peer.cutConnections();
  expect(await node.exitWithin(30_000)).toEqual(clean);
});
