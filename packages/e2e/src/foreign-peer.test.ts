import { aKey, anInstance } from '@artemis/core/testing';
import { describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { FakePeer } from './harness/fake-peer.js';
import { startNode, untilConnected } from './harness/node-process.js';
import { freePort } from './harness/ports.js';
import { useStage } from './harness/stage.js';

describe('a peer that answers /health and does not say who it is', () => {
  const stage = useStage();

  stage.test('is alive, and sent the same bodies as every other', async () => {
    const peer = await FakePeer.start(stage, 'foreign');
    peer.introducesItself = false;
    const node = await startNode(stage, { name: 'node1', port: await freePort(), peers: [peer.address] });
    await untilConnected([node]);
    const [seen] = (await node.api.cluster()).peers;
    expect(seen).toMatchObject({ address: peer.address, status: 'alive' });
    expect(seen?.node_id).toBeUndefined();

    await node.api.register([anInstance()]);
    await eventually(() => expect(peer.accepted('inst-1')).toMatchObject(anInstance()));
    await node.api.heartbeat([aKey()]);
    await eventually(() => expect(peer.about('inst-1', 'heartbeat')).toHaveLength(1));
    await node.api.unregister([aKey()]);
    await eventually(() => expect(peer.about('inst-1', 'unregister')).toHaveLength(1));
    expect(peer.deliveries[0]?.headers).toMatchObject({
      'x-artemis-replication': 'true',
      'x-artemis-node': 'node1',
      'x-artemis-address': node.address,
      'x-artemis-run': expect.stringMatching(/./),
      'x-artemis-clock': expect.stringMatching(/^\d+$/),
    });
  });
});
