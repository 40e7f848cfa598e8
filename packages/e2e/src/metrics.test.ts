import { aKey, anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { startCluster, type NodeProcess } from './harness/node-process.js';
import { useStage } from './harness/stage.js';

describe('/metrics', () => {
  const stage = useStage();
  let node1: NodeProcess;
  let node2: NodeProcess;

  beforeAll(async () => {
    [node1, node2] = (await startCluster(stage, 2)) as [NodeProcess, NodeProcess];
  });

  stage.test('17: after traffic it shows requests, propagation, lag, outboxes and peers', async () => {
    const instances = Array.from({ length: 50 }, (_, index) => anInstance({ instance_id: `inst-${index}` }));
    for (const instance of instances) await node1.api.register([instance]);
    const keys = instances.map((instance) => aKey({ instance_id: instance.instance_id }));
    for (let round = 0; round < 20; round += 1) await node1.api.heartbeat(keys);

    const there = await eventually(async () => {
      const metrics = await node2.api.metrics();
      expect(metrics.sum('artemis_replication_delay_seconds_count')).toBe(50);
      expect(metrics.sum('artemis_replication_received_items_total', { kind: 'heartbeat' })).toBeGreaterThan(
        0,
      );
      return metrics;
    });
    expect(there.sum('artemis_replication_received_items_total', { kind: 'register' })).toBe(50);
    expect(there.sum('artemis_replication_delay_seconds_bucket', { le: '+Inf' })).toBe(50);
    expect(there.sum('artemis_replication_delay_seconds_bucket', { le: '60' })).toBe(50);
    expect(there.sum('artemis_live_records')).toBe(50);
    expect(there.sum('artemis_leases')).toBe(50);

    const here = await eventually(async () => {
      const metrics = await node1.api.metrics();
      expect(metrics.sum('artemis_peer_outbox_depth', { peer: node2.address })).toBe(0);
      return metrics;
    });
    expect(here.sum('artemis_http_requests_total', { route: '/api/registry/register', code: '200' })).toBe(
      50,
    );
    expect(here.sum('artemis_http_requests_total', { route: '/api/registry/heartbeat' })).toBe(20);
    expect(
      here.sum('artemis_http_request_duration_seconds_count', { route: '/api/registry/heartbeat' }),
    ).toBe(20);
    expect(here.sum('artemis_heartbeats_total', { result: 'renewed' })).toBe(1000);
    expect(here.sum('artemis_replication_items_total', { kind: 'register', event: 'sent' })).toBe(50);
    expect(here.sum('artemis_peer_state', { peer: node2.address, state: 'alive' })).toBe(1);
    expect(here.sum('artemis_peer_state', { peer: node2.address, state: 'dead' })).toBe(0);
    expect(here.has('artemis_peer_lag_seconds')).toBe(true);
    expect(here.sum('artemis_peer_lag_seconds', { peer: node2.address })).toBeLessThan(5);
    expect(here.has('artemis_event_loop_lag_seconds')).toBe(true);
    expect(here.sum('process_resident_memory_bytes')).toBeGreaterThan(0);
  });
});
