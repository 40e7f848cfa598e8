import { anInstance } from '@artemis/core/testing';
import { describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { type NodeProcess, startCluster, startNode, untilConnected } from './harness/node-process.js';
import { freePorts, host } from './harness/ports.js';
import { useStage } from './harness/stage.js';

const quick = {
  cluster: { health_check_interval_ms: 1000 },
  replication: { anti_entropy_interval_ms: 1000 },
};

async function peersOf(node: NodeProcess): Promise<unknown[]> {
  const { peers } = await node.api.cluster();
  return peers.map(({ node_id: id, status, learned = false }) => [id, status, learned]).sort();
}

async function expectOnAll(nodes: readonly NodeProcess[], ids: readonly string[]): Promise<void> {
  await eventually(async () => {
    for (const { api } of nodes) expect(await api.idsOf('test-service')).toEqual([...ids].sort());
  });
}

describe('a fourth node that knows one of three', () => {
  const stage = useStage();

  stage.test('is learned by that one, and within seconds all four hold everything', async () => {
    const nodes = await startCluster(stage, 3, quick);
    const [first] = nodes;
    await first!.api.register([anInstance({ instance_id: 'before' })]);
    const [port = 0] = await freePorts(1);
    const fourth = await startNode(stage, { name: 'node4', port, peers: [first!.address], settings: quick });
    await eventually(async () =>
      expect(await peersOf(first!)).toEqual([
        ['node2', 'alive', false],
        ['node3', 'alive', false],
        ['node4', 'alive', true],
      ]),
    );
    await fourth.api.register([anInstance({ instance_id: 'by-the-fourth' })]);
    await nodes[2]!.api.register([anInstance({ instance_id: 'by-the-third' })]);
    await expectOnAll([...nodes, fourth], ['before', 'by-the-fourth', 'by-the-third']);
  });
});

describe('a node that gets SIGHUP', () => {
  const stage = useStage();

  stage.test('takes in and lets go of peers, and changes its log level', async () => {
    const ports = await freePorts(3);
    const addresses = ports.map((port) => `${host}:${port}`);
    const [one = '', two = '', three = ''] = addresses;
    const start = (index: number, peers: readonly string[]) =>
      startNode(stage, { name: `node${index + 1}`, port: ports[index] ?? 0, peers, settings: quick });
    const [first, second] = [await start(0, [two]), await start(1, [one])];
    await untilConnected([first, second]);
    await first.api.register([anInstance({ instance_id: 'inst-1' })]);

    // The third lists itself alone: it is known because the others are told, and they by what they send.
    const third = await start(2, [three]);
    const debug = { ...quick, logging: { level: 'debug' } };
    first.configure([two, three], debug);
    second.configure([one, three], debug);
    for (const node of [first, second]) node.signal('SIGHUP');
    for (const node of [first, second]) {
      await eventually(() =>
        expect(node.log).toContain('Configuration reloaded: cluster.peers, logging.level'),
      );
      await eventually(() => expect(node.log).toContain(`debug GET /api/status/`), { within: 20_000 });
    }
    await expectOnAll([first, second, third], ['inst-1']);
    await first.api.register([anInstance({ instance_id: 'inst-2' })]);
    await expectOnAll([first, second, third], ['inst-1', 'inst-2']);

    third.signal('SIGTERM');
    expect(await third.exitWithin(20_000)).toEqual({ code: 0, signal: null });
    await eventually(async () => expect(await peersOf(first)).toContainEqual(['node3', 'leaving', false]));
    for (const [node, other] of [
      [first, two],
      [second, one],
    ] as const) {
      node.configure([other], debug);
      node.signal('SIGHUP');
      await eventually(async () => expect(await peersOf(node)).toHaveLength(1));
    }
  });

  stage.test('goes on with what it has when the file is wrong, and names what needs a restart', async () => {
    const [port = 0] = await freePorts(1);
    const node = await startNode(stage, { name: 'node1', port });
    node.configure([], {
      server: { zone: 'elsewhere' },
      ratelimit: { burst_size: 7, requests_per_second: 1 },
    });
    node.signal('SIGHUP');
    await eventually(() =>
      expect(node.log).toContain('server.zone has changed in the configuration: restart'),
    );
    const ask = { discovery_config: { service_id: 'test-service' } };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        node.api.http.ask('POST', '/api/discovery/service.json', { json: ask }),
      ),
    );
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(5);
    node.configure([], { server: { zone: '' }, ratelimit: { burst_size: 0 } });
    node.signal('SIGHUP');
    await eventually(() => expect(node.log.match(/Configuration not reloaded: /g)).toHaveLength(2));
    expect(await node.api.isReady()).toBe(true);
  });
});
