import type { Instance } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import { eventually } from './harness/eventually.js';
import { startCluster, type NodeProcess } from './harness/node-process.js';
import { useStage } from './harness/stage.js';

const services = 200;
const perService = 100;

describe('a table of 20 000 instances', () => {
  const stage = useStage();
  let node1: NodeProcess;
  let node2: NodeProcess;

  beforeAll(async () => {
    [node1, node2] = (await startCluster(stage, 2)) as [NodeProcess, NodeProcess];
  });

  stage.test('11: is complete here and at the peer, and single registers go on', async () => {
    for (let service = 0; service < services; service += 10) {
      const batch = Array.from({ length: 10 }, (_, index) => instancesOf(service + index)).flat();
      expect(await node1.api.register(batch)).toEqual({ response_status: { error_code: 'success' } });
    }
    for (let index = 0; index < 100; index += 1)
      await node1.api.register([anInstance({ service_id: 'one-by-one', instance_id: `inst-${index}` })]);

    const expected = services * perService + 100;
    expect((await node1.api.status()).live_records).toBe(expected);
    await eventually(async () => expect((await node2.api.status()).live_records).toBe(expected), {
      within: 30_000,
    });
    for (const { api } of [node1, node2]) {
      for (const service of [0, 77, services - 1])
        expect(await api.idsOf(`service-${service}`)).toHaveLength(perService);
      expect(await api.idsOf('one-by-one')).toHaveLength(100);
    }
    const [here, there] = await Promise.all([node1.api.table(), node2.api.table()]);
    expect(here.size).toBe(expected);
    const differing = [...here].filter(
      ([key, { version }]) => JSON.stringify(version) !== JSON.stringify(there.get(key)?.version),
    );
    expect(differing).toEqual([]);
  });
});

function instancesOf(service: number): Instance[] {
  return Array.from({ length: perService }, (_, index) =>
    anInstance({ service_id: `service-${service}`, instance_id: `inst-${index}` }),
  );
}
