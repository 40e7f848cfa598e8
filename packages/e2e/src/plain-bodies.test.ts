import { apiRoutes } from '@artemis/core';
import { aKey, anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { FakePeer } from './harness/fake-peer.js';
import { replicationHeaders } from './harness/node-api.js';
import { startNode, untilConnected, type NodeProcess } from './harness/node-process.js';
import { freePorts } from './harness/ports.js';
import { useStage } from './harness/stage.js';

describe('a body without versions on a replication route', () => {
  const stage = useStage();
  let node1: NodeProcess;
  let node2: NodeProcess;
  let peer: FakePeer;

  beforeAll(async () => {
    const [port1 = 0, port2 = 0] = await freePorts(2);
    peer = await FakePeer.start(stage, 'node3');
    node2 = await startNode(stage, { name: 'node2', port: port2 });
    node1 = await startNode(stage, { name: 'node1', port: port1, peers: [peer.address, node2.address] });
    await untilConnected([node1]);
  });

  async function send(path: string, json: unknown): Promise<unknown> {
    const { status, text } = await node1.api.http.ask('POST', `${path}.json`, {
      json,
      headers: replicationHeaders,
    });
    expect(status).toBe(200);
    return JSON.parse(text);
  }

  stage.test('is taken as a client would be, and passed on', async () => {
    const success = { response_status: { error_code: 'success' } };
    expect(await send(apiRoutes.replicaRegister.path, { instances: [anInstance()] })).toEqual(success);
    expect(await node1.api.idsOf('test-service')).toEqual(['inst-1']);
    await eventually(async () => {
      expect(peer.accepted('inst-1')).toMatchObject({ replica: { state: 'alive' } });
      expect(await node2.api.idsOf('test-service')).toEqual(['inst-1']);
    });

    await eventually(async () => {
      expect((await node2.api.leases('test-service'))[0]?.age_ms).toBeGreaterThan(500);
    });
    expect(await send(apiRoutes.replicaHeartbeat.path, { instance_keys: [aKey()] })).toEqual(success);
    await eventually(async () => {
      expect(peer.about('inst-1', 'heartbeat')).toHaveLength(1);
      expect((await node2.api.leases('test-service'))[0]?.age_ms).toBeLessThan(500);
    });

    expect(await send(apiRoutes.replicaUnregister.path, { instance_keys: [aKey()] })).toEqual(success);
    expect(await node1.api.idsOf('test-service')).toEqual([]);
    await eventually(async () => {
      expect(peer.accepted('inst-1')).toMatchObject({ reason: 'unregistered' });
      expect(await node2.api.idsOf('test-service')).toEqual([]);
    });
  });
});
