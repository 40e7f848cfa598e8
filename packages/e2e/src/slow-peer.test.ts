import { anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { FakePeer } from './harness/fake-peer.js';
import { startNode, untilConnected, type NodeProcess } from './harness/node-process.js';
import { freePorts } from './harness/ports.js';
import { hang } from './harness/reactions.js';
import { note, useStage } from './harness/stage.js';

const registrations = 30;

describe('a peer that answers probes and hangs on replication', () => {
  const stage = useStage();
  let node1: NodeProcess;
  let node2: FakePeer;
  let node3: NodeProcess;

  beforeAll(async () => {
    const [port1 = 0, port3 = 0] = await freePorts(2);
    node2 = await FakePeer.start(stage, 'node2');
    node2.react = hang;
    node3 = await startNode(stage, { name: 'node3', port: port3 });
    node1 = await startNode(stage, {
      name: 'node1',
      port: port1,
      peers: [node2.address, node3.address],
    });
    await untilConnected([node1]);
  });

  stage.test('9: does not delay what the other peers are sent', async () => {
    const times: number[] = [];
    for (let round = 1; round <= registrations; round += 1) {
      await node1.api.register([anInstance({ instance_id: `inst-${round}` })]);
      const answered = performance.now();
      await eventually(async () => expect(await node3.api.idsOf('test-service')).toContain(`inst-${round}`), {
        every: 1,
      });
      times.push(performance.now() - answered);
    }
    const slowest = Math.max(...times);
    note(`scenario 9, node 3 beside a hanging node 2: slowest of ${registrations} ${slowest.toFixed(1)} ms`);
    // The time-out of a request to a peer is 5 s; who waits for the slow one is in that order of time.
    expect(slowest).toBeLessThan(1500);
  });

  stage.test('9: has one request in flight and everything else in its outbox', async () => {
    expect(node2.deliveries.length).toBeLessThanOrEqual(2);
    const { peers } = await node1.api.cluster();
    const peer = peers.find(({ address }) => address === node2.address);
    expect(peer?.outbox_depth).toBe(registrations);
    expect(peer?.lag_ms).toBeGreaterThan(0);
    expect(peers.find(({ address }) => address === node3.address)?.outbox_depth).toBe(0);
  });
});
