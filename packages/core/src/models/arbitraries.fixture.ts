import fc from 'fast-check';
import type { Instance, InstanceKeyInput } from './instance.js';
import { instanceKeySchema, keyOf } from './instance.js';
import type { AliveRecord, RegistryRecord } from './record.js';
import { aliveRecord, expiryOf, takeOverOf, unregistered } from './record.js';
import type { Version } from './version.js';

/** Any id that the wire allows. */
const ids: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.constantFrom('a', 'A', 'a/b', 'zone 1', '服务', 'x'.repeat(255)),
  )
  .filter((id) => instanceKeySchema.shape.instance_id.safeParse(id).success);

export const keys: fc.Arbitrary<InstanceKeyInput> = fc.record(
  { region_id: ids, zone_id: ids, service_id: ids, instance_id: ids, group_id: fc.option(ids) },
  { requiredKeys: ['region_id', 'zone_id', 'service_id', 'instance_id'] },
);

const texts = fc.string({ unit: 'grapheme', maxLength: 20 });

/** Any valid instance as the table holds it; with a field that this version does not know now and then. */
export const instances: fc.Arbitrary<Instance> = fc.record(
  {
    region_id: ids,
    zone_id: ids,
    service_id: ids,
    group_id: ids,
    instance_id: ids,
    machine_name: texts,
    protocol: fc.constantFrom('http', 'grpc'),
    ip: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('localhost', 'db-1.example.org')),
    port: fc.integer({ min: 0, max: 65_535 }),
    url: fc.constantFrom('http://10.0.0.1:8080', 'https://[::1]/path?q=1'),
    health_check_url: texts,
    status: fc.constantFrom('starting', 'up', 'down', 'unhealthy', 'unknown'),
    // zod leaves out an entry of the name __proto__.
    metadata: fc.dictionary(
      texts.filter((name) => name !== '__proto__'),
      texts,
      { maxKeys: 5 },
    ),
    lease_ttl_secs: fc.integer({ min: 1, max: 1500 }),
    // On the wire null is the same as absent, and -0 is 0.
    added_later: fc
      .jsonValue()
      .filter((value) => value !== null)
      .map(overTheWire),
  },
  { requiredKeys: ['region_id', 'zone_id', 'service_id', 'instance_id', 'ip', 'port', 'url', 'status'] },
);

/** As the configuration takes them. */
const nodeIds = fc.stringMatching(/^[!$-.0-~]([!$-~]{0,18}[!$-.0-~])?$/);
const origins = fc
  .tuple(nodeIds, fc.stringMatching(/^[0-9a-z]{4,10}$/))
  .map(([node, run]) => `${node}#${run}`);

/** Any version of a live record. */
export const liveVersions: fc.Arbitrary<Version> = fc.record({
  stamp: fc.maxSafeNat(),
  origin: origins,
  round: fc.nat(1000).map((half) => half * 2),
  owner: nodeIds,
});

/** Any live record. */
export const liveRecords: fc.Arbitrary<AliveRecord> = fc
  .tuple(instances, liveVersions, fc.integer({ min: 1, max: 1_500_000 }))
  .map(([instance, version, ttlMs]) => aliveRecord(keyOf(instance), instance, version, ttlMs));

/** Any record: live, expired, or unregistered. */
export const records: fc.Arbitrary<RegistryRecord> = fc.oneof(
  liveRecords,
  liveRecords.map(expiryOf),
  liveRecords.map(({ key, instanceKey, version }) =>
    unregistered(key, instanceKey, { ...version, round: 0, owner: '' }),
  ),
);

/**
 * Records of one key as nodes could hold them, from so few stamps, origins and owners that they often meet: what one
 * stamp and origin wrote is one content, and its rounds follow from it.
 */
export const rivals: fc.Arbitrary<RegistryRecord> = fc
  .record({
    instance: fc.constant({
      ...{ region_id: 'r', zone_id: 'z', service_id: 's', instance_id: 'i' },
      ...{ ip: '10.0.0.1', url: 'http://10.0.0.1', status: 'up' as const },
    }),
    stamp: fc.nat(3),
    origin: fc.constantFrom('a#1', 'a#2', 'b#1'),
    takeOvers: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
    isExpired: fc.boolean(),
  })
  .map(({ instance: base, stamp, origin, takeOvers, isExpired }) => {
    const version = { stamp, origin, round: 0, owner: origin.slice(0, 1) };
    const instance = { ...base, port: stamp * 10 + origin.charCodeAt(0) + origin.charCodeAt(2) };
    const registered = aliveRecord(keyOf(instance), instance, version, 30_000);
    if (stamp === 2) return unregistered(registered.key, registered.instanceKey, { ...version, owner: '' });
    const alive = takeOvers.reduce(takeOverOf, registered);
    return isExpired ? expiryOf(alive) : alive;
  });

/** What arrives after the wire carried it. */
export function overTheWire(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
