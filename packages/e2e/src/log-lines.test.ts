import { aKey, anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { startCluster, type NodeProcess } from './harness/node-process.js';
import { useStage } from './harness/stage.js';

describe('the log', () => {
  const stage = useStage();
  let nodes: readonly NodeProcess[];
  let node1: NodeProcess;
  let node2: NodeProcess;

  beforeAll(async () => {
    nodes = await startCluster(stage, 3);
    [node1, node2] = nodes as [NodeProcess, NodeProcess];
    await eventually(() => {
      for (const { name, log } of nodes) expect(log).toContain(`Artemis node ${name} is ready`);
    });
  });

  /** Registers an instance on node 1 and waits until all nodes have said what they say about it. */
  async function register(id: string): Promise<void> {
    const told = (): number => messages(node1.log, 'Successfully replicated register').length;
    const heard = (): number[] =>
      nodes.slice(1).map(({ log }) => messages(log, 'Replication request register').length);
    const [toldBefore, heardBefore] = [told(), heard()];
    await node1.api.register([anInstance({ instance_id: id })]);
    await eventually(() => {
      expect(node1.log).toContain(`test-service/${id} registered`);
      expect(told()).toBe(toldBefore + 2);
      expect(heard()).toEqual(heardBefore.map((count) => count + 1));
    });
  }

  stage.test('holds the lines that operators look for, as documented', async () => {
    await register('inst-1');
    const [, peer2, peer3] = nodes.map(({ address }) => address);
    const wanted = [
      `Loading configuration from ${node1.configFile}`,
      'Node ID: node1, Cluster mode: enabled',
      `Adding peer node: ${peer2} at http://${peer2}`,
      `Adding peer node: ${peer3} at http://${peer3}`,
      'Health check task started (interval: 5s)',
      'Cluster initialized with 2 peers',
      'Replication worker started',
      'Replicating register for inst-1 to 2 peers',
      `Successfully replicated register to ${peer2}`,
      `Successfully replicated register to ${peer3}`,
    ];
    for (const line of wanted) expect(messages(node1.log, line)).toHaveLength(1);
    await eventually(() => {
      expect(
        messages(node2.log, 'Replication request register: 1 items from node1 (X-Artemis-Replication)'),
      ).toHaveLength(1);
    });
  });

  stage.test('has no line for a heartbeat at level info', async () => {
    await register('inst-2');
    const before = nodes.map(({ log }) => log.split('\n').length);
    for (let beat = 0; beat < 100; beat += 1)
      await node1.api.heartbeat([aKey({ instance_id: 'inst-1' }), aKey({ instance_id: 'inst-2' })]);
    await eventually(async () => {
      for (const { api } of nodes.slice(1)) {
        const received = (await api.metrics()).sum('artemis_replication_received_items_total', {
          kind: 'heartbeat',
        });
        expect(received).toBeGreaterThan(0);
      }
    });
    await register('inst-3');
    const after = nodes.map(({ log }) => log.split('\n').length);
    // The registration of inst-3: four lines where it was made, one at each peer.
    expect(after.map((lines, index) => lines - (before[index] ?? 0))).toEqual([4, 1, 1]);
    for (const { log } of nodes) expect(log).not.toMatch(/heartbeat/i);
  });

  stage.test('of a healthy cluster nowhere holds the word loop, nor a warning', async () => {
    await register('inst-4');
    await eventually(async () => {
      for (const { api } of nodes) expect(await api.idsOf('test-service')).toContain('inst-4');
    });
    await node1.api.unregister([aKey({ instance_id: 'inst-4' })]);
    await eventually(async () => {
      for (const { api } of nodes) expect(await api.idsOf('test-service')).not.toContain('inst-4');
    });
    for (const node of nodes) node.signal('SIGTERM');
    for (const node of nodes) expect(await node.exitWithin(20_000)).toEqual({ code: 0, signal: null });
    for (const { log } of nodes) {
      expect(log).not.toMatch(/loop/i);
      // A node that starts before its peers may say once that they do not answer yet.
      const warnings = log.split('\n').filter((line) => /\b(warn|error)\b/.test(line));
      expect(warnings.filter((line) => !/Peer \S+ is (suspect|dead): .*ECONNREFUSED/.test(line))).toEqual([]);
    }
  });
});

/** Lines with this message: behind time and level, with or without fields after it. */
function messages(log: string, text: string): string[] {
  return log.split('\n').filter((line) => {
    const message = line.replace(/^\S+ +\S+ +/, '');
    return message === text || message.startsWith(`${text} `) || message.startsWith(`${text}:`);
  });
}
