import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from '@artemis/client';
import { anInstance, CollectedLogger } from '@artemis/core/testing';
import { startTestCluster, type TestCluster } from './test-cluster.js';
import type { TestNode } from './test-node.js';

const patience = { timeoutMs: 30_000 };

function listed({ node }: TestNode): string[] {
  const { service } = node.state.discovery.service({ service_id: 'test-service' }).response;
  return (service?.instances ?? []).map(({ instance_id: id }) => id).sort();
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}

describe('a test cluster', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster(3);
  });
  afterAll(() => cluster.stop());

  it('is ready and connected, at addresses of its own, and says how long that took', async () => {
    expect(cluster.nodes.map(({ nodeId }) => nodeId)).toEqual(['node1', 'node2', 'node3']);
    expect(new Set(cluster.urls).size).toBe(3);
    for (const { node, url } of cluster.nodes) {
      expect(
        node.state.cluster
          .upNodes()
          .nodes.map(({ url: up }) => up)
          .sort(),
      ).toEqual([...cluster.urls].sort());
      expect(await answers(url)).toBe(true);
    }
    expect(cluster.startMs).toBeGreaterThan(0);
  });

  it('copies what one node takes to all others', async () => {
    const [first] = cluster.nodes as [TestNode];
    const answer = await fetch(`${first.url}/api/registry/register.json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ instances: [anInstance({ instance_id: 'over-http' })] }),
    });
    expect(answer.status).toBe(200);
    await cluster.equal(patience);
    expect(cluster.nodes.map(listed)).toEqual([['over-http'], ['over-http'], ['over-http']]);
  });

  it('goes on without a node that is killed, and gives it back what it missed', async () => {
    const [first, second, third] = cluster.nodes as [TestNode, TestNode, TestNode];
    const url = second.url;
    await second.kill();
    expect([second.running, await answers(url)]).toEqual([false, false]);
    await cluster.connected(patience);
    await first.node.state.registry.register([anInstance({ instance_id: 'meanwhile' })]);
    await cluster.equal(patience);
    expect(listed(third)).toContain('meanwhile');

    await second.restart();
    expect([second.running, second.url, await answers(url)]).toEqual([true, url, true]);
    await cluster.connected(patience);
    await cluster.equal(patience);
    expect(listed(second)).toContain('meanwhile');
  });

  it.each([
    ['kill', false],
    ['stop', true],
  ] as const)('%s says goodbye to watchers: %s', async (end, isTold) => {
    const alone = await startTestCluster(1);
    const [node] = alone.nodes as [TestNode];
    const logger = new CollectedLogger();
    const client = createClient({ urls: alone.urls, logger });
    await client.watchAll().ready();
    const lost = new Promise((resolve) => client.on('disconnected', resolve));
    await Promise.all([lost, node[end]()]);
    await client.close();
    expect(logger.lines.some(({ message }) => message.includes('goodbye'))).toBe(isTold);
    await alone.stop();
  });

  it('has nodes that leave in order, as often as they are told to', async () => {
    const [first, , third] = cluster.nodes as [TestNode, TestNode, TestNode];
    await Promise.all([third.stop(), third.stop(), third.kill()]);
    expect(first.node.state.cluster.status().peers.map(({ status }) => status)).toContain('leaving');
    await third.restart();
    await cluster.connected(patience);
  });
});

describe('startTestCluster', () => {
  it('takes a configuration for every node, and ends with its disposal', async () => {
    const cluster = await startTestCluster(2, { config: { lease: { ttlMs: 1000 }, server: { zone: 'z' } } });
    for (const { node, nodeId } of cluster.nodes) {
      expect(node.config.lease.ttlMs).toBe(1000);
      expect(node.config.server).toMatchObject({ zone: 'z', nodeId });
    }
    await cluster[Symbol.asyncDispose]();
    expect(await Promise.all(cluster.urls.map(answers))).toEqual([false, false]);
    await cluster.stop();
  });

  it('runs a node alone, and several clusters beside each other', async () => {
    const clusters = await Promise.all([startTestCluster(1), startTestCluster(2)]);
    const [[alone], [first]] = clusters.map(({ nodes }) => nodes) as unknown as [[TestNode], [TestNode]];
    await alone.node.state.registry.register([anInstance()]);
    expect([listed(alone).length, listed(first).length]).toEqual([1, 0]);
    await Promise.all(clusters.map((cluster) => cluster.stop()));
  });

  it('refuses what is wrong, and leaves no port taken', async () => {
    await expect(startTestCluster(0)).rejects.toThrow('1 to 99 nodes, not 0');
    await expect(startTestCluster(2, { config: { lease: { ttlMs: 1 } } })).rejects.toThrow(
      'lease.ttlMs: is 1',
    );
  });

  it('says what differs when the nodes do not become equal', async () => {
    const cluster = await startTestCluster(2, { config: { replication: { enabled: false } } });
    const [first] = cluster.nodes as [TestNode];
    await first.node.state.registry.register([anInstance()]);
    await expect(cluster.equal({ timeoutMs: 20 })).rejects.toThrow(
      /^after 20 ms the nodes do not hold the same: node1 1 instances \(root \w+\), node2 0 instances \(root \w+\)$/,
    );
    await expect(cluster.connected({ timeoutMs: 0 })).resolves.toBeUndefined();
    await cluster.stop();
  });
});
