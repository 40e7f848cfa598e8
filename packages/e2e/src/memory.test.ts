import type { Instance } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { describe, expect } from '@jest/globals';
import { bytesByPart, type HeapPart } from './harness/heap-parts.js';
import { Inspector } from './harness/inspector.js';
import { startNode } from './harness/node-process.js';
import { freePort } from './harness/ports.js';
import { note, useStage } from './harness/stage.js';

const count = 20_000;
const perService = 100;

/** Where the bytes of an instance are. What the digest and the change log need for no instance at all is in here too. */
const parts: readonly HeapPart[] = [
  { part: 'key', className: 'Alive', property: 'key' },
  { part: 'version', className: 'Alive', property: 'version' },
  { part: 'instance', className: 'Alive', property: 'instance' },
  { part: 'record', className: 'Alive' },
  { part: 'change log', className: 'ChangeLog' },
  { part: 'shared values', className: 'RecordPool' },
  { part: 'services', className: 'ServiceIndex' },
  { part: 'table', className: 'RecordTable' },
  { part: 'digest', className: 'TableDigest' },
  { part: 'leases', className: 'LeaseRows' },
  { part: 'leases', className: 'TimingWheel' },
];

/**
 * Most bytes for each instance: about a tenth more than was measured. The change log and most of `other`, which is code
 * that was compiled meanwhile, do not grow any further.
 */
const budget: Readonly<Record<string, number>> = {
  ...{ key: 62, version: 80, instance: 230, record: 72 },
  ...{ table: 22, services: 20, leases: 40, digest: 8, 'shared values': 4 },
  ...{ 'change log': 75, other: 130, all: 700 },
};

describe('the memory of a table', () => {
  const stage = useStage();

  stage.test('is spent on what it should be, part by part', async () => {
    const node = await startNode(stage, {
      name: 'node1',
      port: await freePort(),
      settings: { storage: { engine: 'memory' } },
    });
    const heap = () => Inspector.of(node, (inspector) => inspector.heapSnapshot());
    await node.api.register(instances('warm-up', 0, perService));
    const before = bytesByPart(await heap(), parts);
    for (let from = 0; from < count; from += 1000) await node.api.register(instances('service', from, 1000));
    const after = bytesByPart(await heap(), parts);

    const perInstance = Object.fromEntries(
      [...after].map(([part, bytes]) => [part, Math.round((bytes - (before.get(part) ?? 0)) / count)]),
    );
    const { all = 0, ...named } = perInstance;
    const table = { ...named, other: all - Object.values(named).reduce((sum, bytes) => sum + bytes, 0), all };
    note(`Bytes for each of ${count} instances: ${JSON.stringify(table)}`);
    const beyond = Object.entries(table).filter(([part, bytes]) => bytes > (budget[part] ?? 0));
    expect(beyond).toEqual([]);
  });
});

function instances(prefix: string, from: number, size: number): Instance[] {
  return Array.from({ length: size }, (_, index) => {
    const number = from + index;
    const ip = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
    return anInstance({
      service_id: `${prefix}-${Math.floor(number / perService)}`,
      instance_id: `instance-${number}`,
      ip,
      url: `http://${ip}:8080`,
      metadata: { version: '1.0.0' },
      lease_ttl_secs: 600,
    });
  });
}
