import path from 'node:path';
import { FileSnapshots } from '@artemis/client/node';
import { anInstance } from '@artemis/core/testing';
import { expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { startCluster, startNode, type NodeProcess } from './harness/node-process.js';
import { repeat } from './harness/repeat.js';
import { changesOf, startSdk } from './harness/sdk.js';
import { useStage } from './harness/stage.js';

const stage = useStage();
const patience = { within: 30_000 };
const leaseSecs = 3;
const settings = { cluster: { health_check_interval_ms: 1000 }, lease: { ttl_secs: leaseSecs } };

for (const transport of ['websocket', 'http'] as const) {
  stage.test(`13: what a node does not know any more is registered again, by ${transport}`, async () => {
    const [node] = (await startCluster(stage, 1, settings)) as [NodeProcess];
    const { client } = startSdk(stage, { urls: [node.api.url], transport, heartbeatIntervalMs: 300 });
    const registration = await client.register(anInstance());
    const lost: string[] = [];
    registration.on('lost', ({ reason }) => lost.push(reason));
    expect(await node.api.idsOf('test-service')).toEqual(['inst-1']);
    await node.api.unregister([registration.key]);
    await eventually(async () => expect(await node.api.idsOf('test-service')).toEqual(['inst-1']), patience);
    expect(lost).toHaveLength(1);
    await client.close();
    expect(await node.api.idsOf('test-service')).toEqual([]);
  });
}

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  stage.test(
    `14: after ${signal} of the node in use another one is used, and nothing is missed`,
    async () => {
      const nodes = await startCluster(stage, 3, settings);
      const urls = nodes.map(({ api }) => api.url);
      const { client, log } = startSdk(stage, { urls, region: 'local', zone: 'zone1' });
      await client.register(anInstance({ service_id: 'mine', lease_ttl_secs: leaseSecs }));
      const view = client.service('watched');
      await view.ready();
      const told = changesOf(view);
      const used = nodes.find(({ api }) => api.url === log.node);
      const others = nodes.filter((node) => node !== used);
      const [other] = others as [NodeProcess, NodeProcess];
      if (used === undefined) throw new Error('the SDK uses no node');

      let ended = false;
      const missing: string[] = [];
      const look = repeat(
        50,
        () => ended,
        async () => {
          for (const { name, api } of others) {
            if (!(await api.idsOf('mine')).includes('inst-1')) missing.push(name);
          }
        },
      );
      const expected: string[] = [];
      const write = repeat(
        20,
        () => ended,
        async (turn) => {
          await other.api.register([
            anInstance({ service_id: 'watched', instance_id: `w${turn}`, lease_ttl_secs: 300 }),
          ]);
          expected.push(`new w${turn}`);
        },
      );
      await eventually(() => expect(told.length).toBeGreaterThan(5), patience);
      used.signal(signal);
      await used.exitWithin(20_000);
      await eventually(() => expect(log.node).toBeDefined(), patience);
      expect(log.node).not.toBe(used.api.url);
      // For two leases: what was not kept alive would be gone.
      const start = performance.now();
      await eventually(() => performance.now() - start > 2000 * leaseSecs, patience);
      ended = true;
      await Promise.all([look, write]);
      await eventually(() => expect(told.length).toBe(expected.length), patience);
      expect(told).toEqual(expected);
      expect(view.stale).toBe(false);
      expect(missing).toEqual([]);
      await client.close();
    },
  );
}

stage.test(
  'the last known answer stays while no node answers, and the watch goes on when one does',
  async () => {
    const [node] = (await startCluster(stage, 1, settings)) as [NodeProcess];
    const { client } = startSdk(stage, { urls: [node.api.url] });
    const provider = startSdk(stage, { urls: [node.api.url] });
    await provider.client.register(anInstance({ lease_ttl_secs: leaseSecs }));
    const view = client.service('test-service');
    await view.ready();
    const told = changesOf(view);
    node.signal('SIGKILL');
    await node.exitWithin(20_000);
    await eventually(() => expect(view.stale).toBe(true), patience);
    expect(view.pick()?.instance_id).toBe('inst-1');
    await expect(client.instances('test-service')).rejects.toMatchObject({ code: 'unavailable' });
    const again = await startNode(stage, { name: node.name, port: node.port, settings });
    await eventually(() => expect(view.stale).toBe(false), patience);
    await eventually(async () => expect(await again.api.idsOf('test-service')).toEqual(['inst-1']), patience);
    expect(view.instances).toHaveLength(1);
    expect(told).toEqual([]);
    expect(await client.services()).toEqual(['test-service']);
  },
);

stage.test('a program that starts while no node answers has what the one before it knew', async () => {
  const [node] = (await startCluster(stage, 1, settings)) as [NodeProcess];
  const directory = path.join(stage.folder, 'snapshots');
  const start = () =>
    startSdk(stage, { urls: [node.api.url], snapshots: new FileSnapshots(directory) }).client;
  await node.api.register([anInstance({ lease_ttl_secs: 600, port: 9090 })]);
  const before = start();
  await before.service('test-service').ready();
  await before.close();
  node.signal('SIGKILL');
  await node.exitWithin(20_000);

  const client = start();
  const view = client.service('test-service');
  await view.ready();
  expect([view.stale, view.pick()?.instance_id, view.pick()?.port]).toEqual([true, 'inst-1', 9090]);
  const again = await startNode(stage, { name: node.name, port: node.port, settings });
  await again.api.register([anInstance({ lease_ttl_secs: 600, port: 9191 })]);
  await eventually(() => expect([view.stale, view.pick()?.port]).toEqual([false, 9191]), patience);
  await client.close();
});
