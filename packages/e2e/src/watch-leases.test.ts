import { toInstanceKey } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { eventually, throughout } from './harness/eventually.js';
import { startCluster, type NodeProcess } from './harness/node-process.js';
import { PushSocket } from './harness/push-socket.js';
import { useStage } from './harness/stage.js';
import { Watcher } from './harness/watcher.js';

const leaseSecs = 2;
const leaseMs = leaseSecs * 1000;
const patience = { within: 30_000 };
const success = { error_code: 'success' };

describe('leases over the socket', () => {
  const stage = useStage();
  let node1: NodeProcess;
  let node2: NodeProcess;

  beforeAll(async () => {
    const nodes = await startCluster(stage, 2, { lease: { ttl_secs: leaseSecs } });
    [node1, node2] = nodes as [NodeProcess, NodeProcess];
  });

  async function connected(node: NodeProcess): Promise<PushSocket> {
    const socket = await PushSocket.open(node.api.url);
    stage.defer(() => socket.cut());
    return socket;
  }

  const instancesOf = (service: string, count: number) =>
    Array.from({ length: count }, (_, index) =>
      anInstance({ service_id: service, instance_id: `${service}-${index}` }),
    );

  stage.test(
    'one heartbeat without keys renews all that the connection registered, and nothing else',
    async () => {
      const socket = await connected(node1);
      const mine = instancesOf('mine', 3);
      const [foreign] = instancesOf('foreign', 1);
      expect(await socket.ask({ type: 'register', instances: mine })).toMatchObject({
        response_status: success,
      });
      await node1.api.register([foreign!]);
      await eventually(async () => expect(await node2.api.idsOf('mine')).toHaveLength(3), patience);
      await eventually(
        async () => {
          expect((await socket.ask({ type: 'heartbeat' })).response_status).toEqual(success);
          expect(await node2.api.idsOf('foreign')).toEqual([]);
        },
        { ...patience, every: leaseMs / 8 },
      );
      await throughout(leaseMs, async () => {
        expect((await socket.ask({ type: 'heartbeat' })).response_status).toEqual(success);
        for (const { api } of [node1, node2]) expect(await api.idsOf('mine')).toHaveLength(3);
      });
      // Removed by the connection: not renewed any more, and no failure.
      const key = toInstanceKey(mine[0]!);
      expect(await socket.ask({ type: 'unregister', instance_keys: [key] })).toMatchObject({
        response_status: success,
      });
      expect((await socket.ask({ type: 'heartbeat' })).response_status).toEqual(success);
      await eventually(
        async () => expect(await node2.api.idsOf('mine')).toEqual(['mine-1', 'mine-2']),
        patience,
      );
      await socket.close();
    },
  );

  stage.test('what was registered lives on when the connection is gone, until its lease ends', async () => {
    const watcher = await Watcher.start(stage, { urls: [node2.api.url], services: ['lone'] });
    const socket = await connected(node1);
    const [lone] = instancesOf('lone', 1);
    await socket.ask({ type: 'register', instances: [{ ...lone, lease_ttl_secs: 4 }] });
    await eventually(() => expect(watcher.record.viewOf('lone').size).toBe(1), patience);
    socket.cut();
    await eventually(async () => {
      const metrics = await node1.api.metrics();
      expect(metrics.sum('artemis_push_sessions')).toBe(0);
    }, patience);
    expect(await node1.api.idsOf('lone')).toEqual(['lone-0']);
    await eventually(() => expect(watcher.record.viewOf('lone').size).toBe(0), patience);
    expect(watcher.record.seen.map(({ change }) => [change.change_type, change.reason])).toEqual([
      ['new', 'registered'],
      ['delete', 'expired'],
    ]);
    const [first, last] = watcher.record.seen.map(({ change }) => Date.parse(change.change_time));
    expect((last ?? 0) - (first ?? 0)).toBeGreaterThan(3_500);
    expect(watcher.record.faults).toEqual([]);
  });

  stage.test('it lives on as well by heartbeats on another connection, to another node', async () => {
    const [moved] = instancesOf('moved', 1);
    const first = await connected(node1);
    await first.ask({ type: 'register', instances: [moved] });
    await eventually(async () => expect(await node2.api.idsOf('moved')).toHaveLength(1), patience);
    first.cut();
    const second = await connected(node2);
    await throughout(2 * leaseMs, async () => {
      const { response_status: status } = await second.ask({
        type: 'heartbeat',
        instance_keys: [toInstanceKey(moved!)],
      });
      expect(status).toEqual(success);
      expect(await node1.api.idsOf('moved')).toEqual(['moved-0']);
    });
  });

  stage.test('13: a heartbeat names the keys that are not known, and renews the others', async () => {
    const socket = await connected(node1);
    const [known, unknown] = instancesOf('beaten', 2) as [
      ReturnType<typeof anInstance>,
      ReturnType<typeof anInstance>,
    ];
    await socket.ask({ type: 'register', instances: [known] });
    const beat = { type: 'heartbeat', instance_keys: [known, unknown].map(toInstanceKey) };
    const answer = await socket.ask(beat);
    expect(answer.response_status.error_code).toBe('bad-request');
    expect(answer.failed_instance_keys).toEqual([toInstanceKey(unknown)]);
    expect(answer.clock).toMatch(/^\d+$/);
    // The same without keys, once an instance of the connection is gone behind its back.
    await node1.api.unregister([toInstanceKey(known)]);
    const gone = await socket.ask({ type: 'heartbeat' });
    expect(gone.response_status.error_code).toBe('bad-request');
    expect(gone.failed_instance_keys).toEqual([toInstanceKey(known)]);
    expect(await socket.ask({ type: 'register', instances: [known, unknown] })).toMatchObject({
      response_status: success,
    });
    expect((await socket.ask(beat)).response_status).toEqual(success);
  });

  stage.test('one bad instance of a batch does not fail the others', async () => {
    const socket = await connected(node1);
    const [good] = instancesOf('batch', 1);
    const bad = { ...good, instance_id: 'bad', port: 70_000 };
    const answer = await socket.ask({ type: 'register', instances: [bad, good] });
    expect(answer.response_status.error_code).toBe('partial_fail');
    expect(answer.failed_instances).toEqual([
      {
        instance: bad,
        error_code: 'bad-request',
        error_message: expect.stringContaining('instances[0].port'),
      },
    ]);
    expect((await socket.ask({ type: 'heartbeat' })).response_status).toEqual(success);
    expect(await node1.api.idsOf('batch')).toEqual(['batch-0']);
    expect((await socket.ask({ type: 'register', instances: [] })).response_status.error_code).toBe(
      'bad-request',
    );
    expect(socket.isOpen).toBe(true);
  });
});
