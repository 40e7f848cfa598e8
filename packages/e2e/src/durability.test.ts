import { existsSync } from 'node:fs';
import path from 'node:path';
import { anInstance, aKey } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { NodeProcess, startNode, untilConnected, type NodeOptions } from './harness/node-process.js';
import { freePort, freePorts, host } from './harness/ports.js';
import { useStage } from './harness/stage.js';

/** No instance here sends heartbeats: none may end for want of them. */
const patient = { lease: { ttl_secs: 600 } };

const someIds = (count: number, prefix = 'inst'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(4, '0')}`);

async function register({ api }: NodeProcess, ids: readonly string[]): Promise<void> {
  const answer = await api.register(ids.map((id) => anInstance({ instance_id: id })));
  expect(answer).toEqual({ response_status: { error_code: 'success' } });
}

async function killed(node: NodeProcess): Promise<void> {
  node.signal('SIGKILL');
  await node.exitWithin(10_000);
}

describe('three nodes that are killed at once', () => {
  const stage = useStage();

  stage.test('19: bring back everything that was acknowledged', async () => {
    const ports = await freePorts(3);
    const options = ports.map((port, index) => ({
      name: `node${index + 1}`,
      port,
      peers: ports.filter((other) => other !== port).map((other) => `${host}:${other}`),
      settings: patient,
    }));
    const start = () => Promise.all(options.map((each) => startNode(stage, each)));
    const nodes = await start();
    await untilConnected(nodes);
    const ids = someIds(900);
    await Promise.all(nodes.map((node, index) => register(node, ids.slice(index * 300, index * 300 + 300))));
    await eventually(async () => expect(await nodes[1]?.api.idsOf('test-service')).toHaveLength(900));
    await nodes[0]?.api.unregister(ids.slice(0, 10).map((id) => aKey({ instance_id: id })));
    // The last answers are the moment: nothing waits for a peer or for the disk.
    await Promise.all(nodes.map((node, index) => register(node, [`last-${index}`])));
    await Promise.all(nodes.map(killed));

    const again = await start();
    const expected = [...ids.slice(10), 'last-0', 'last-1', 'last-2'];
    for (const node of again) {
      await eventually(async () => expect(await node.api.idsOf('test-service')).toEqual(expected));
      expect(node.log).not.toContain('corrupt');
    }
  });
});

describe('a node alone', () => {
  const stage = useStage();
  let options: NodeOptions;

  beforeAll(async () => {
    options = { name: 'node1', port: await freePort(), settings: patient };
  });

  stage.test('has everything after a clean stop', async () => {
    const node = await startNode(stage, options);
    await register(node, someIds(50));
    node.signal('SIGTERM');
    expect(await node.exitWithin(30_000)).toEqual({ code: 0, signal: null });
    const again = await startNode(stage, options);
    expect(await again.api.idsOf('test-service')).toEqual(someIds(50));
    await killed(again);
  });

  const killedInABurst = async (run: string, its: NodeOptions): Promise<void> => {
    const node = await startNode(stage, its);
    const acknowledged: string[] = [];
    const client = async (name: string): Promise<void> => {
      for (let index = 0; ; index += 1) {
        const id = `${name}-${index}`;
        const answer = await node.api.register([anInstance({ instance_id: id })]).catch(() => undefined);
        if (answer === undefined) return;
        acknowledged.push(id);
      }
    };
    const clients = Promise.all(['a', 'b', 'c', 'd'].map((name) => client(`${run}-${name}`)));
    await eventually(() => acknowledged.length > 200, { every: 5 });
    await killed(node);
    await clients;
    const again = await startNode(stage, its);
    const back = new Set(await again.api.idsOf('test-service'));
    expect(acknowledged.filter((id) => !back.has(id))).toEqual([]);
    await killed(again);
  };

  for (const durability of ['process', 'disk']) {
    stage.test(
      `has everything after it was killed in the middle of a burst, durability ${durability}`,
      async () => {
        await killedInABurst(durability, { ...options, settings: { ...patient, storage: { durability } } });
      },
    );
  }

  stage.test('does not bring back what was removed', async () => {
    const node = await startNode(stage, options);
    await register(node, ['gone']);
    await node.api.unregister([aKey({ instance_id: 'gone' })]);
    await killed(node);
    const again = await startNode(stage, options);
    expect(await again.api.idsOf('test-service')).not.toContain('gone');
    await killed(again);
  });

  stage.test('does not start on the directory of another, and says whose it is', async () => {
    const node = await startNode(stage, options);
    const second = new NodeProcess(stage, {
      name: 'node2',
      port: await freePort(),
      settings: { storage: { data_dir: node.dataDir } },
    });
    expect(await second.exitWithin(30_000)).toEqual({ code: 1, signal: null });
    expect(second.log).toContain(`${node.dataDir} is in use by process ${node.pid}`);
    expect(second.log).not.toContain('Listening');
    expect(await node.api.isReady()).toBe(true);
    await register(node, ['afterwards']);
    await killed(node);
  });

  stage.test('says what is wrong with a directory that it cannot use', async () => {
    const { configFile } = new NodeProcess(stage, { name: 'unused', port: await freePort() });
    const node = new NodeProcess(stage, {
      name: 'lost',
      port: await freePort(),
      settings: { storage: { data_dir: path.join(configFile, 'data') } },
    });
    expect(await node.exitWithin(30_000)).toEqual({ code: 1, signal: null });
    expect(node.log).toContain(`${path.join(configFile, 'data')} cannot be made: ENOTDIR`);
  });

  stage.test('keeps nothing and writes nothing with the memory engine', async () => {
    const memory = {
      name: 'memory',
      port: await freePort(),
      settings: { ...patient, storage: { engine: 'memory' } },
    };
    const node = await startNode(stage, memory);
    await register(node, ['forgotten']);
    await killed(node);
    expect(existsSync(node.dataDir)).toBe(false);
    const again = await startNode(stage, memory);
    expect(await again.api.idsOf('test-service')).toEqual([]);
    await killed(again);
  });
});
