import { apiRoutes, type Instance } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { describe, expect } from '@jest/globals';
import { eventually, throughout } from './harness/eventually.js';
import type { HttpAnswer } from './harness/http-client.js';
import { Link } from './harness/link.js';
import { NodeProcess, startCluster, startNode } from './harness/node-process.js';
import { freePort, freePorts, host } from './harness/ports.js';
import { repeat } from './harness/repeat.js';
import { note, useStage } from './harness/stage.js';

const service = 'orders';
const many = Array.from({ length: 1000 }, (_, index): Instance =>
  anInstance({ service_id: service, instance_id: `inst-${index}` }),
);
/** What a node knew is gone with it, unless its peers bring it back. */
const forgetful = { storage: { engine: 'memory' } } as const;

/** 2 s are promised; a machine that has much else to do is judged by how long it takes to load the program. */
const joinedWithinMs = 5000;
const timesLoading = 3;

/**
 * Starts a node and looks at it until it is ready: until then it answers clients 503, and from then on it holds
 * everything. A short joining may pass between two looks, so that no refusal need be seen here; where joining is held
 * up, below, it must be.
 */
async function joins(start: () => NodeProcess): Promise<void> {
  const startMs = performance.now();
  const node = start();
  // Only its connection may fail, before it listens: what it answers is never overlooked.
  let looked = await eventually(() => look(node), { within: 20_000, every: 5 });
  const loadedMs = Math.round(performance.now() - startMs);
  let refusals = 0;
  const isOver = (): boolean => looked.ready || looked.answer.status === 200;
  await repeat(5, isOver, async () => {
    expectRefusal(looked.answer);
    refusals += 1;
    looked = await look(node);
  });
  const tookMs = Math.round(performance.now() - startMs);
  expect(looked.answer.status).toBe(200);
  expect(await node.api.idsOf(service)).toHaveLength(many.length);
  expect(await node.api.isReady()).toBe(true);
  note(
    `${node.name} was ready ${tookMs} ms after its start, of which it took ${loadedMs} to load; refused ${refusals}`,
  );
  expect(tookMs).toBeLessThan(Math.max(joinedWithinMs, timesLoading * loadedMs));
}

/** Whether it says that it is ready, and what it answers a client right after that. */
async function look({ api }: NodeProcess): Promise<{ ready: boolean; answer: HttpAnswer }> {
  const ready = await api.isReady();
  const json = { discovery_config: { service_id: service } };
  return { ready, answer: await api.http.ask('POST', `${apiRoutes.service.path}.json`, { json }) };
}

function expectRefusal({ status, headers, text }: HttpAnswer): void {
  expect([status, headers['retry-after']]).toEqual([503, '1']);
  expect(JSON.parse(text)).toMatchObject({ response_status: { error_code: 'service-unavailable' } });
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
    let again = node2;
    await joins(() => (again = new NodeProcess(stage, { name: 'node2', port: node2.port, peers, settings })));
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
    await Promise.all(
      ([1, 2] as const).map((index) => joins(() => new NodeProcess(stage, optionsOf(index)))),
    );
  });
});

describe('a node whose peers are slow to answer', () => {
  const stage = useStage();

  stage.test('2: refuses clients for as long as it joins', async () => {
    const node1 = await startNode(stage, { name: 'node1', port: await freePort(), settings: forgetful });
    await node1.api.register(many);
    const link = await Link.start(stage, node1.port);
    link.hold();
    const node2 = new NodeProcess(stage, {
      name: 'node2',
      port: await freePort(),
      peers: [link.address],
      settings: forgetful,
    });
    await eventually(() => node2.api.status());
    await throughout(1000, async () => {
      const { ready, answer } = await look(node2);
      expect(ready).toBe(false);
      expectRefusal(answer);
    });
    link.release();
    await node2.ready();
    expect(await node2.api.idsOf(service)).toHaveLength(many.length);
  });
});
