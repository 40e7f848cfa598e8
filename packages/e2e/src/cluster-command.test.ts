import { anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { artemisBin, Child } from './harness/child.js';
import { eventually } from './harness/eventually.js';
import { Mesh } from './harness/mesh.js';
import { NodeProcess, startCluster } from './harness/node-process.js';
import { freePort, host } from './harness/ports.js';
import { useStage } from './harness/stage.js';

const [equal, notEqual, unknown] = [0, 1, 3];
const settings = {
  cluster: { health_check_interval_ms: 500, probe_timeout_ms: 400 },
  replication: { timeout_secs: 1, anti_entropy_interval_ms: 1000 },
};

function instances(count: number, prefix: string) {
  return Array.from({ length: count }, (_, index) =>
    anInstance({ instance_id: `${prefix}-${index}`, lease_ttl_secs: 600 }),
  );
}

/** `artemis cluster …` by way of a node. */
async function cluster(address: string, ...args: string[]) {
  const child = new Child(process.execPath, [artemisBin, 'cluster', ...args], {
    env: { ARTEMIS_ADDR: address },
  });
  const { code } = await child.exitWithin(60_000);
  return { code, lines: child.stdout.trimEnd().split('\n'), err: child.stderr };
}

describe('artemis cluster, of three nodes', () => {
  const stage = useStage();
  let nodes: NodeProcess[];
  let node1: NodeProcess;
  let node3: NodeProcess;

  beforeAll(async () => {
    nodes = await startCluster(stage, 3, settings);
    [node1, , node3] = nodes as [NodeProcess, NodeProcess, NodeProcess];
  });

  stage.test('says that they are provably equal once they are', async () => {
    await node1.api.register(instances(100, 'a'));
    const waited = await cluster(node3.address, 'wait', '--equal', '--ready', '--nodes', '3');
    expect(waited).toMatchObject({ code: equal, err: '' });
    const line = /^Provably equal: 3 of 3 nodes hold the same 100 instances \(root ([0-9a-f]{8})\)/;
    expect(waited.lines).toEqual([expect.stringMatching(line)]);

    for (const { address, api } of nodes) {
      const { code, lines } = await cluster(address, 'status');
      expect(code).toBe(equal);
      const [, root] = line.exec(lines.at(-1) ?? '') ?? [];
      expect((await api.status()).root_digest).toMatch(new RegExp(`^${root}`));
    }
  });

  stage.test('shows each node, and how they see each other', async () => {
    const { lines } = await cluster(node1.address, 'status');
    for (const [index, { address }] of nodes.entries()) {
      const row = new RegExp(`^node${index + 1} +${address} +\\S+ +up +yes +100 +[0-9a-f]{8} +\\S`);
      expect(lines[index + 1]).toMatch(row);
    }
    expect(lines[5]).toBe('SEES   node1    node2    node3');
  });

  stage.test('says which node is missing, until it is back', async () => {
    node3.signal('SIGKILL');
    await node3.exitWithin(10_000);
    await node1.api.register(instances(10, 'b'));
    const { code, lines } = await cluster(node1.address, 'status');
    expect(code).toBe(notEqual);
    expect(lines.at(-1)).toBe('NOT equal: node3 does not answer (connection refused)');
    const gaveUp = await cluster(node1.address, 'wait', '--equal', '--timeout', '1');
    expect(gaveUp).toMatchObject({
      code: notEqual,
      lines: ['Not within 1 s: node3 does not answer (connection refused)'],
    });

    const waiting = cluster(node1.address, 'wait', '--equal', '--nodes', '3', '--timeout', '60');
    const peers = nodes.filter((node) => node !== node3).map(({ address }) => address);
    new NodeProcess(stage, { name: 'node3', port: node3.port, peers, settings });
    const { code: end, lines: told } = await waiting;
    expect(told).toEqual([
      expect.stringMatching(/^Provably equal: 3 of 3 nodes hold the same 110 instances/),
    ]);
    expect(end).toBe(equal);
  });

  stage.test('has an exit code for when nobody can be asked', async () => {
    const nobody = `${host}:${await freePort()}`;
    const asked = await cluster(nobody, 'status');
    expect(asked).toMatchObject({ code: unknown, lines: [''] });
    expect(asked.err).toContain(`artemis: cannot ask the node at http://${nobody}: connection refused`);
    expect((await cluster(nobody, 'wait', '--equal', '--timeout', '0')).code).toBe(unknown);
  });
});

describe('artemis cluster, while a node is cut off', () => {
  const stage = useStage();

  stage.test('does not call the nodes equal until the cut is over and mended', async () => {
    const mesh = await Mesh.start(stage, 3, settings);
    const [node1, , node3] = mesh.nodes as [NodeProcess, NodeProcess, NodeProcess];
    const cuts = [...mesh.between(1, 3), ...mesh.between(2, 3)];
    for (const link of cuts) link.cut();
    await node1.api.register(instances(20, 'here'));
    await node3.api.register(instances(5, 'there'));
    await eventually(async () => {
      const { peers } = await node1.api.cluster();
      expect(peers.find(({ node_id: id }) => id === 'node3')?.status).not.toBe('alive');
    });

    const { code, lines } = await cluster(node1.address, 'status');
    expect(code).toBe(notEqual);
    expect(lines.at(-1)).toMatch(/^NOT equal: node3 does not answer \(connection reset\)$/);
    expect(lines).toContainEqual(expect.stringMatching(/^node1 cannot call node3: \S/));
    // The other side knows no more of the world: it must not think itself equal either.
    const there = await cluster(node3.address, 'status');
    expect(there.code).toBe(notEqual);
    expect(there.lines.at(-1)).toMatch(/node1 does not answer .*node2 does not answer/);

    for (const link of cuts) link.release();
    const mended = await cluster(node1.address, 'wait', '--equal', '--nodes', '3');
    expect(mended.lines).toEqual([
      expect.stringMatching(/^Provably equal: 3 of 3 nodes hold the same 25 instances/),
    ]);
    expect(mended.code).toBe(equal);
  });
});
