import { toInstanceKey } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { startCluster, type NodeProcess } from './harness/node-process.js';
import { PushSocket, UpgradeRefused } from './harness/push-socket.js';
import { useStage } from './harness/stage.js';
import { expectTold, logOf, untilEqual } from './harness/watch-log.js';
import { Watcher } from './harness/watcher.js';

const changesPerWriter = 60;

describe('watches of three nodes', () => {
  const stage = useStage();
  let nodes: NodeProcess[];
  let node1: NodeProcess;
  let node3: NodeProcess;

  beforeAll(async () => {
    nodes = await startCluster(stage, 3);
    [node1, , node3] = nodes as [NodeProcess, NodeProcess, NodeProcess];
  });

  const watch = (node: NodeProcess, service: string): Promise<Watcher> =>
    Watcher.start(stage, { urls: [node.api.url], services: [service] });

  stage.test('12: a register on node 1 is one change for a watcher on node 3', async () => {
    const socket = await PushSocket.open(node3.api.url);
    socket.send({ type: 'subscribe', service_id: 'Orders' });
    const start = await socket.until('subscribed');
    expect(start.service).toMatchObject({ instances: [] });
    const instance = anInstance({ service_id: 'orders', metadata: { weight: '5' } });
    await node1.api.register([instance]);
    const { changes, ...message } = await socket.until('service_change');
    expect(message).toEqual({
      type: 'service_change',
      service_id: 'orders',
      log_id: start.log_id,
      revision: expect.any(Number),
    });
    expect(message.revision).toBeGreaterThan(start.revision);
    expect(changes).toEqual([
      {
        instance: expect.objectContaining(instance),
        change_type: 'new',
        change_time: expect.any(String),
        revision: message.revision,
        reason: 'registered',
      },
    ]);

    // Registered again as it is: nothing. Otherwise: a change. Removed: a delete. And each of them once.
    await node1.api.register([instance]);
    await node1.api.register([{ ...instance, port: 9090 }]);
    await node1.api.unregister([toInstanceKey(instance)]);
    await eventually(() => expect(socket.messages.length).toBeGreaterThanOrEqual(4));
    expect((await socket.ask({ type: 'heartbeat', instance_keys: [toInstanceKey(instance)] })).type).toBe(
      'result',
    );
    const told = socket.messages.flatMap((one) => (one.type === 'service_change' ? one.changes : []));
    expect(told.map((one) => [one.change_type, one.reason, one.instance.port])).toEqual([
      ['new', 'registered', instance.port],
      ['change', 'registered', 9090],
      ['delete', 'unregistered', 9090],
    ]);
    expect(socket.faults).toEqual([]);
    await socket.close();
  });

  stage.test(
    '12: watchers of every node are told of all that many writers do, once and in order',
    async () => {
      const services = ['busy-0', 'busy-1', 'BUSY-2'];
      const watchers: Watcher[] = [];
      for (const { api } of nodes) {
        watchers.push(await Watcher.start(stage, { urls: [api.url], services }));
        watchers.push(await Watcher.start(stage, { urls: [api.url], all: true }));
        watchers.push(await Watcher.start(stage, { urls: [api.url], all: true, services: ['busy-1'] }));
      }
      const ids = (writer: number): string[] =>
        Array.from({ length: 5 }, (_, index) => `instance-${(writer + index) % 8}`);
      const write = async (node: NodeProcess, writer: number): Promise<void> => {
        for (let turn = 0; turn < changesPerWriter; turn += 1) {
          const service = services[(writer + turn) % 3] ?? '';
          const batch = ids(turn % 7).map((id) =>
            anInstance({
              service_id: service,
              instance_id: id,
              port: 1 + turn,
              metadata: { writer: String(writer) },
            }),
          );
          if (turn % 5 === 4) await node.api.unregister(batch.slice(0, 2).map(toInstanceKey));
          else await node.api.register(batch);
        }
      };
      await Promise.all(nodes.flatMap((node, index) => [write(node, index), write(node, index + 3)]));
      await untilEqual(nodes);
      for (const [index, node] of nodes.entries()) {
        const mine = watchers.slice(3 * index, 3 * index + 3);
        await expectTold(mine, { node, services, atLeast: 3 * changesPerWriter });
        for (const { record } of mine) expect(record.reloads).toBe(0);
      }
    },
  );

  stage.test('a watch goes on where it stood, with what was missed and nothing else', async () => {
    const service = 'resumed';
    const one = await watch(node3, service);
    const all = await Watcher.start(stage, { urls: [node3.api.url], all: true });
    const undisturbed = await watch(node3, service);
    const register = (from: number, to: number): Promise<unknown> =>
      node1.api.register(
        Array.from({ length: to - from }, (_, index) =>
          anInstance({ service_id: service, instance_id: `instance-${from + index}` }),
        ),
      );
    for (let round = 0; round < 5; round += 1) {
      await register(10 * round, 10 * round + 5);
      // In the middle of what comes, and long after it.
      if (round % 2 === 0) await eventually(() => undisturbed.record.viewOf(service).size === 10 * round + 5);
      await Promise.all([one.disconnect(), all.disconnect()]);
      await register(10 * round + 5, 10 * round + 10);
      await eventually(() => undisturbed.record.viewOf(service).size === 10 * round + 10, { within: 30_000 });
      await Promise.all([one.connect(), all.connect()]);
      await Promise.all([one.settled(), all.settled()]);
    }
    await expectTold([one, all, undisturbed], { node: node3, services: [service], atLeast: 50 });
    expect([one.record.resumed, one.record.snapshots]).toEqual([5, 1]);
    expect(all.record.resumed).toBe(5);
  });

  stage.test('a watch of another log, or of a revision that is to come, begins with a snapshot', async () => {
    await node3.api.register([anInstance({ service_id: 'begun' })]);
    const { logId, to } = await logOf(node3.api, 0);
    for (const since of [
      { since_revision: to, log_id: 'node3#another-run' },
      { since_revision: to },
      { since_revision: to + 1_000_000, log_id: logId },
    ]) {
      const socket = await PushSocket.open(node3.api.url);
      socket.send({ type: 'subscribe', service_id: 'begun', ...since });
      expect((await socket.until('subscribed')).service?.instances).toHaveLength(1);
      socket.send({ type: 'subscribe_all', ...since });
      await socket.until('subscribed_all');
      expect(socket.messages.filter(({ type }) => type === 'subscribed').length).toBeGreaterThan(1);
      await socket.close();
    }
  });

  stage.test('who unsubscribes is told no more', async () => {
    const socket = await PushSocket.open(node3.api.url);
    socket.send({ type: 'subscribe', service_id: 'left' });
    await socket.until('subscribed');
    socket.send({ type: 'unsubscribe', service_id: 'LEFT' });
    await socket.until('unsubscribed');
    socket.send({ type: 'subscribe', service_id: 'kept' });
    await node3.api.register([anInstance({ service_id: 'left' }), anInstance({ service_id: 'kept' })]);
    expect((await socket.until('service_change')).service_id).toBe('kept');
    expect(socket.messages.filter(({ type }) => type === 'service_change')).toHaveLength(1);
    await socket.close();
  });

  stage.test('20: the delta since a revision is what has changed since then', async () => {
    await node1.api.register([anInstance({ service_id: 'delta', instance_id: 'before' })]);
    await eventually(async () => expect(await node3.api.idsOf('delta')).toEqual(['before']));
    const { log_id: logId, revision } = await node3.api.discover('delta');
    await node1.api.register([anInstance({ service_id: 'delta', instance_id: 'after' })]);
    await eventually(async () => expect(await node3.api.idsOf('delta')).toEqual(['after', 'before']));
    await node1.api.unregister([toInstanceKey(anInstance({ service_id: 'delta', instance_id: 'before' }))]);
    await eventually(async () => expect(await node3.api.idsOf('delta')).toEqual(['after']));
    const delta = await node3.api.delta(revision, logId);
    expect(delta.response_status.error_code).toBe('success');
    expect(delta.changes.map((one) => [one.change_type, one.instance.instance_id])).toEqual([
      ['new', 'after'],
      ['delete', 'before'],
    ]);
    expect(await node3.api.delta(delta.revision, logId)).toMatchObject({
      changes: [],
      revision: delta.revision,
    });
    for (const [since, log] of [
      [revision, 'another-log'],
      [delta.revision + 1_000, logId],
    ] as const) {
      const { response_status: status, changes } = await node3.api.delta(since, log);
      expect([status.error_code, changes]).toEqual(['data-not-found', []]);
    }
  });

  stage.test('a page of another origin may not watch', async () => {
    const opening = PushSocket.open(node3.api.url, { headers: { Origin: 'http://elsewhere.example' } });
    await expect(opening).rejects.toEqual(expect.objectContaining({ status: 403 }));
    await expect(opening).rejects.toBeInstanceOf(UpgradeRefused);
    const same = await PushSocket.open(node3.api.url, { headers: { Origin: node3.api.url } });
    await same.close();
  });
});
