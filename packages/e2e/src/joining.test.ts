import { apiRoutes, type Instance } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { NodeProcess, startCluster, startNode } from './harness/node-process.js';
import { freePorts, host } from './harness/ports.js';
import { note, useStage } from './harness/stage.js';

const service = 'orders';
const many = Array.from({ length: 1000 }, (_, index): Instance =>
  anInstance({ service_id: service, instance_id: `inst-${index}` }),
);
/** What a node knew is gone with it, unless its peers bring it back. */
const forgetful = { storage: { engine: 'memory' } } as const;

/**
 * Looks at a node from its start until it is ready: until then it answers clients 503, and from then on it holds
 * everything. Answers how long it took, ms.
 */
async function joins(node: NodeProcess): Promise<number> {
  const startMs = performance.now();
  let refusals = 0;
  await eventually(
    async () => {
      const ready = await node.api.isReady();
      const answer = await node.api.http.ask('POST', `${apiRoutes.service.path}.json`, {
        json: { discovery_config: { service_id: service } },
      });
      if (ready || answer.status === 200) {
        expect(await node.api.idsOf(service)).toHaveLength(many.length);
        return ready;
      }
      refusals += 1;
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
      expect(JSON.parse(answer.text)).toMatchObject({
        response_status: { error_code: 'service-unavailable' },
      });
      return false;
    },
    { within: 20_000, every: 5 },
  );
  note(`${node.name} joined after ${Math.round(performance.now() - startMs)} ms, ${refusals} times refused`);
  return refusals;
}

describe.each([
  ['without a store', forgetful],
  ['with a store', {}],
])('a node that was killed, %s', (_what, settings) => {
  const stage = useStage();

  stage.test('2: holds all 1 000 instances when it is ready again, and not before it says so', async () => {
    const [node1, node2, node3] = (await startCluster(stage, 3, settings)) as [
      NodeProcess,
      NodeProcess,
      NodeProcess,
    ];
    await node1.api.register(many);
    await eventually(async () => expect(await node2.api.idsOf(service)).toHaveLength(many.length));
    node2.signal('SIGKILL');
    await node2.exitWithin(5000);

    const peers = [node1.address, node3.address];
    const again = new NodeProcess(stage, { name: 'node2', port: node2.port, peers, settings });
    await joins(again);
    const roots = await Promise.all([node1, again].map(async ({ api }) => (await api.status()).root_digest));
    expect(roots[0]).toBe(roots[1]);
  });
});

describe('nodes that are started later', () => {
  const stage = useStage();

  stage.test('3: are full', async () => {
    const ports = (await freePorts(3)) as [number, number, number];
    const addresses = ports.map((port) => `${host}:${port}`);
    const optionsOf = (index: 0 | 1 | 2) => ({
      name: `node${index + 1}`,
      port: ports[index],
      peers: addresses.filter((address) => address !== addresses[index]),
      settings: forgetful,
    });
    const node1 = await startNode(stage, optionsOf(0));
    await node1.api.register(many);
    await Promise.all(([1, 2] as const).map((index) => joins(new NodeProcess(stage, optionsOf(index)))));
  });
});
