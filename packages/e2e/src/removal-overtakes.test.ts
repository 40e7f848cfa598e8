import { aKey, anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { Link } from './harness/link.js';
import { startNode, untilConnected, type NodeProcess } from './harness/node-process.js';
import { freePorts, host } from './harness/ports.js';
import { useStage } from './harness/stage.js';

describe('an instance unregistered on node 2 before node 1 has copied it there', () => {
  const stage = useStage();
  let nodes: readonly NodeProcess[];
  let node1: NodeProcess;
  let node2: NodeProcess;
  /** The ways from node 1 to the others. */
  let links: readonly Link[];

  beforeAll(async () => {
    const [port1 = 0, port2 = 0, port3 = 0] = await freePorts(3);
    const settings = { cluster: { health_check_interval_ms: 1000 } };
    const start = (name: string, port: number, peers: readonly string[]): Promise<NodeProcess> =>
      startNode(stage, { name, port, peers, settings });
    links = [await Link.start(stage, port2), await Link.start(stage, port3)];
    nodes = await Promise.all([
      start(
        'node1',
        port1,
        links.map((link) => link.address),
      ),
      start('node2', port2, [`${host}:${port1}`, `${host}:${port3}`]),
      start('node3', port3, [`${host}:${port1}`, `${host}:${port2}`]),
    ]);
    [node1, node2] = nodes as [NodeProcess, NodeProcess];
    await untilConnected(nodes);
  });

  stage.test('32: is gone everywhere, and stays so', async () => {
    for (const link of links) link.hold();
    await node1.api.register([anInstance()]);
    expect(await node1.api.idsOf('test-service')).toEqual(['inst-1']);
    expect(await node2.api.idsOf('test-service')).toEqual([]);
    expect(await node2.api.unregister([aKey()])).toEqual({ response_status: { error_code: 'success' } });
    for (const link of links) link.release();

    await everywhereGone('inst-1');
    // What node 1 sent before it knew has arrived once this has, and brought nothing back.
    await node1.api.register([anInstance({ instance_id: 'marker' })]);
    await eventually(async () => {
      for (const { api } of nodes) expect(await api.idsOf('test-service')).toEqual(['marker']);
    });
    const metrics = await node1.api.metrics();
    expect(metrics.sum('artemis_replication_items_total', { kind: 'register', event: 'sent' })).toBe(4);
  });

  stage.test(
    '32: is gone everywhere however the two cross, with the clock that node 1 answered',
    async () => {
      for (let round = 0; round < 50; round += 1) {
        const id = `inst-${round}`;
        const { headers } = await node1.api.http.ask('POST', '/api/registry/register.json', {
          json: { instances: [anInstance({ service_id: 'crossing', instance_id: id })] },
        });
        await node2.api.unregister([aKey({ service_id: 'crossing', instance_id: id })], {
          'X-Artemis-Clock': String(headers['x-artemis-clock']),
        });
      }
      await eventually(async () => {
        for (const { api } of nodes) expect(await api.idsOf('crossing')).toEqual([]);
      });
    },
  );

  async function everywhereGone(id: string): Promise<void> {
    await eventually(async () => {
      for (const { api } of nodes) expect(await api.idsOf('test-service')).not.toContain(id);
    });
  }
});
