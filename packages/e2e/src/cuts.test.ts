import { toInstanceKey } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { eventually, throughout } from './harness/eventually.js';
import { Heartbeats } from './harness/heartbeats.js';
import { Mesh } from './harness/mesh.js';
import { untilConnected, type NodeProcess } from './harness/node-process.js';
import { useStage } from './harness/stage.js';
import { untilEqual } from './harness/watch-log.js';

const leaseSecs = 2;
const leaseMs = leaseSecs * 1000;
const graceSecs = 4;
/** Each way: both together are less than a probe waits. */
const slowMs = 150;
const service = 'orders';
const success = { response_status: { error_code: 'success' } };
const instances = Array.from({ length: 20 }, (_, index) =>
  anInstance({ service_id: service, instance_id: `inst-${String(index).padStart(2, '0')}` }),
);
const keys = instances.map(toInstanceKey);
const ids = instances.map(({ instance_id: id }) => id);

/** Every node lists all instances, each of them confirmed. */
async function allListed(mesh: Mesh): Promise<void> {
  for (const { name, api } of mesh.nodes) {
    const listed = (await api.discover(service)).service?.instances ?? [];
    const doubted = listed.filter((instance) => instance.unconfirmed === true);
    expect({ name, ids: listed.map(({ instance_id: id }) => id).sort(), doubted }).toEqual({
      name,
      ids,
      doubted: [],
    });
  }
}

/** The first node does not take the second one for alive: what is cut is cut. */
async function expectLost({ name, api }: NodeProcess, other: NodeProcess): Promise<void> {
  const seen = (await api.cluster()).peers.filter(({ node_id: id }) => id === other.name);
  expect({ name, seen: seen.map(({ status }) => status) }).toEqual({
    name,
    seen: [expect.stringMatching(/^(suspect|dead)$/)],
  });
}

/** All is listed for that long, and in the meantime the nodes of each pair lose each other. */
async function listedThroughout(
  mesh: Mesh,
  ms: number,
  ...lost: (readonly [NodeProcess, NodeProcess])[]
): Promise<void> {
  const bites = async (): Promise<void> => {
    for (const [from, to] of lost) await expectLost(from, to);
  };
  await Promise.all([eventually(bites), throughout(ms, () => allListed(mesh))]);
  await bites();
}

describe('a cut between two nodes that both hear a third', () => {
  const stage = useStage();
  let mesh: Mesh;
  let clients: Heartbeats;

  beforeAll(async () => {
    mesh = await Mesh.start(stage, 3, {
      cluster: { health_check_interval_ms: 500, probe_timeout_ms: 400 },
      replication: { timeout_secs: 1 },
      lease: { ttl_secs: leaseSecs, orphan_grace_secs: graceSecs, orphan_retention_secs: 60 },
    });
    const [node1] = mesh.nodes;
    if (node1 === undefined) throw new Error('there is no node 1');
    await node1.api.register(instances);
    clients = new Heartbeats(stage, node1, keys, leaseMs / 4);
    await eventually(() => allListed(mesh));
  });

  stage.test('4: node 1 does not reach node 2 for two leases, and nothing is lost anywhere', async () => {
    const [node1, node2] = mesh.nodes as [NodeProcess, NodeProcess];
    mesh.link(1, 2).silence();
    await listedThroughout(mesh, 2 * leaseMs, [node1, node2]);
    mesh.link(1, 2).release();
    expect(clients.failure).toBeUndefined();
  });

  stage.test('30: nodes 1 and 3 do not reach each other for three times the orphan grace', async () => {
    const [node1, , node3] = mesh.nodes as [NodeProcess, NodeProcess, NodeProcess];
    for (const link of mesh.between(1, 3)) link.cut();
    await listedThroughout(mesh, 3 * graceSecs * 1000, [node1, node3], [node3, node1]);
    for (const link of mesh.between(1, 3)) link.release();
    await eventually(() => allListed(mesh));
    expect(clients.failure).toBeUndefined();
  });

  stage.test('node 2 takes what node 1 sends, though its answers are lost', async () => {
    const [node1, node2] = mesh.nodes as [NodeProcess, NodeProcess];
    await untilConnected(mesh.nodes);
    const own = anInstance({ service_id: 'billing', instance_id: 'of-node-2' });
    await node2.api.register([own]);
    await eventually(async () => expect(await node1.api.idsOf('billing')).toEqual(['of-node-2']));
    // Node 1 cannot know that node 2 hears it, and takes this lease over.
    const renewing = new Heartbeats(stage, node1, [toInstanceKey(own)], leaseMs / 4);
    mesh.link(1, 2).loseAnswers();
    await eventually(() => expectLost(node1, node2));
    const late = anInstance({ service_id: 'late', lease_ttl_secs: 60 });
    expect(await node1.api.register([late])).toEqual(success);
    await eventually(async () => expect(await node2.api.idsOf('late')).toHaveLength(1), {
      within: 20_000,
    });
    await listedThroughout(mesh, 2 * leaseMs, [node1, node2]);
    await throughout(leaseMs, async () => {
      for (const { api } of mesh.nodes) expect(await api.idsOf('billing')).toEqual(['of-node-2']);
    });
    await expectLost(node1, node2);
    mesh.link(1, 2).release();
    await untilConnected(mesh.nodes);
    await untilEqual(mesh.nodes);
    await allListed(mesh);
    expect([clients.failure, renewing.failure]).toEqual([undefined, undefined]);
    renewing.stop();
  });

  stage.test('a way that is slow is a way', async () => {
    const [node1, node2] = mesh.nodes as [NodeProcess, NodeProcess];
    mesh.link(1, 2).delay(slowMs);
    const startMs = performance.now();
    const instance = anInstance({ service_id: 'slow', lease_ttl_secs: 60 });
    expect(await node1.api.register([instance])).toEqual(success);
    await eventually(async () => expect(await node2.api.idsOf('slow')).toHaveLength(1));
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(slowMs - 1);
    await listedThroughout(mesh, leaseMs);
    mesh.link(1, 2).delay(0);
    await untilConnected(mesh.nodes);
  });
});
