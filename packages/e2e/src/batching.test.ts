import type { Instance } from '@artemis/core';
import { aKey, anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { FakePeer } from './harness/fake-peer.js';
import { startNode, untilConnected, type NodeProcess } from './harness/node-process.js';
import { freePorts } from './harness/ports.js';
import { useStage } from './harness/stage.js';

const success = { response_status: { error_code: 'success' } };
/** Well above what a hundred requests take on a busy machine. */
const batchIntervalMs = 2000;
const compressMinBytes = 16_384;
const maxBodyBytes = 8 * 1024 * 1024;

describe('what a peer is sent', () => {
  const stage = useStage();
  let node1: NodeProcess;
  let node2: NodeProcess;
  let peer: FakePeer;

  beforeAll(async () => {
    const [port1 = 0, port2 = 0] = await freePorts(2);
    peer = await FakePeer.start(stage, 'node3');
    node2 = await startNode(stage, { name: 'node2', port: port2 });
    node1 = await startNode(stage, {
      name: 'node1',
      port: port1,
      peers: [peer.address, node2.address],
      settings: { replication: { batch_interval_ms: batchIntervalMs, batch_size: 1000 } },
    });
    await untilConnected([node1]);
  });

  function instances(serviceId: string, count: number): Instance[] {
    return Array.from({ length: count }, (_, index) =>
      anInstance({ service_id: serviceId, instance_id: `${serviceId}-${index}` }),
    );
  }

  /** Waits until both peers have a registration that was made after everything else. */
  async function settled(marker: string): Promise<void> {
    await node1.api.register([anInstance({ service_id: 'markers', instance_id: marker })]);
    await eventually(async () => {
      expect(peer.accepted(marker)).toBeDefined();
      expect(await node2.api.idsOf('markers')).toContain(marker);
    });
  }

  stage.test('is one request for a hundred heartbeats within a window', async () => {
    const beating = instances('beating', 100);
    await node1.api.register(beating);
    await settled('before-the-heartbeats');
    const before = peer.deliveries.length;
    await Promise.all(
      beating.map(async ({ instance_id: id }) => {
        const key = aKey({ service_id: 'beating', instance_id: id });
        expect(await node1.api.heartbeat([key])).toEqual(success);
      }),
    );
    await eventually(() => expect(heartbeats()).toHaveLength(1));
    expect(
      heartbeats()[0]
        ?.items.map(({ instance_id: id }) => id)
        .sort(),
    ).toEqual(beating.map(({ instance_id: id }) => id).sort());
    await settled('after-the-heartbeats');
    expect(heartbeats()).toHaveLength(1);

    function heartbeats(): FakePeer['deliveries'] {
      return peer.deliveries.slice(before).filter(({ kind }) => kind === 'heartbeat');
    }
  });

  stage.test('is each registration exactly once', async () => {
    for (const instance of instances('one-by-one', 50)) await node1.api.register([instance]);
    await Promise.all(instances('at-once', 50).map((instance) => node1.api.register([instance])));
    await node1.api.register(instances('in-a-batch', 50));
    await settled('after-the-registrations');

    for (const service of ['one-by-one', 'at-once', 'in-a-batch']) {
      for (const { instance_id: id } of instances(service, 50))
        expect([id, peer.about(id, 'register').length]).toEqual([id, 1]);
    }
    const received = (await node2.api.metrics()).sum('artemis_replication_received_items_total', {
      kind: 'register',
    });
    const sent = peer.deliveries.filter(({ kind }) => kind === 'register').flatMap(({ items }) => items);
    expect(received).toBe(sent.length);
  });

  stage.test('is compressed when it is large, and plain when it is small', async () => {
    await node1.api.register(instances('large', 200));
    await settled('after-the-large-one');
    const [large] = peer.about('large-0', 'register');
    expect(large?.headers['content-encoding']).toBe('gzip');
    expect(large?.plainBytes).toBeGreaterThan(compressMinBytes);
    expect(large?.bytes).toBeLessThan((large?.plainBytes ?? 0) / 4);
    const [small] = peer.about('after-the-large-one', 'register');
    expect(small?.headers['content-encoding']).toBeUndefined();
    expect(small?.bytes).toBeLessThanOrEqual(compressMinBytes);
  });

  stage.test('is a batch of 10 000 instances in bodies below the limit', async () => {
    const batch = instances('huge', 10_000).map((instance) => ({
      ...instance,
      metadata: { description: 'x'.repeat(550) },
    }));
    expect(Buffer.byteLength(JSON.stringify({ instances: batch }))).toBeGreaterThan(maxBodyBytes * 0.85);
    expect(await node1.api.register(batch)).toEqual(success);
    await eventually(async () => expect(await node2.api.idsOf('huge')).toHaveLength(10_000), {
      within: 30_000,
      every: 200,
    });
    await settled('after-the-huge-one');
    const bodies = peer.deliveries.filter(({ items }) =>
      items.some(({ instance_id: id }) => /^huge/.test(id)),
    );
    expect(bodies.length).toBeGreaterThan(1);
    for (const { plainBytes } of bodies) expect(plainBytes).toBeLessThan(maxBodyBytes);
    const ids = bodies.flatMap(({ items }) => items.map(({ instance_id: id }) => id));
    expect(ids).toHaveLength(10_000);
    expect(new Set(ids).size).toBe(10_000);
  });

  stage.test('is split below a small limit too, heartbeats as well as registrations', async () => {
    const limit = { server: { max_body_bytes: 128 * 1024 } };
    const [port3 = 0, port4 = 0] = await freePorts(2);
    const receiver = await startNode(stage, { name: 'node4', port: port4, settings: limit });
    const sender = await startNode(stage, {
      name: 'node3',
      port: port3,
      peers: [receiver.address],
      settings: { ...limit, replication: { batch_interval_ms: batchIntervalMs, batch_size: 10_000 } },
    });
    await untilConnected([sender]);
    const many = instances('many', 2000);
    for (let from = 0; from < many.length; from += 200) {
      const part = many.slice(from, from + 200);
      await sender.api.register(part);
      await sender.api.heartbeat(
        part.map(({ instance_id: id }) => aKey({ service_id: 'many', instance_id: id })),
      );
    }
    await eventually(async () => expect((await receiver.api.status()).live_records).toBe(2000));
    for (let from = 0; from < many.length; from += 200) {
      const keys = many
        .slice(from, from + 200)
        .map(({ instance_id: id }) => aKey({ service_id: 'many', instance_id: id }));
      expect(await sender.api.heartbeat(keys)).toEqual(success);
    }
    await eventually(async () => {
      const metrics = await receiver.api.metrics();
      const heard = metrics.sum('artemis_replication_received_items_total', { kind: 'heartbeat' });
      expect(heard).toBeGreaterThanOrEqual(2000);
    });
    const rejected = (await sender.api.metrics()).sum('artemis_replication_requests_total', {
      event: 'rejected',
    });
    expect(rejected).toBe(0);
  });
});
