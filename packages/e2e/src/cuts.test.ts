import { toInstanceKey } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { eventually, throughout } from './harness/eventually.js';
import { Heartbeats } from './harness/heartbeats.js';
import { Mesh } from './harness/mesh.js';
import { useStage } from './harness/stage.js';

const leaseSecs = 2;
const leaseMs = leaseSecs * 1000;
const graceSecs = 4;
const service = 'orders';
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
    mesh.link(1, 2).silence();
    await throughout(2 * leaseMs, () => allListed(mesh));
    mesh.link(1, 2).release();
    expect(clients.failure).toBeUndefined();
  });

  stage.test('30: nodes 1 and 3 do not reach each other for three times the orphan grace', async () => {
    for (const link of mesh.between(1, 3)) link.cut();
    await throughout(3 * graceSecs * 1000, () => allListed(mesh));
    for (const link of mesh.between(1, 3)) link.release();
    await eventually(() => allListed(mesh));
    expect(clients.failure).toBeUndefined();
  });
});
