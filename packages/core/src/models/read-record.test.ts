import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { anAliveRecord } from '../testing/index.js';
import { overTheWire, records } from './arbitraries.fixture.js';
import { changed, oddities } from './oddities.fixture.js';
import type { AgedRecord } from './peer.js';
import { decodeRecord, encodeRecord, replicaRecordSchema } from './peer.js';
import { readRecord } from './read-record.js';

/** What the schema makes of an item: the meaning of it. */
function bySchema(item: unknown): AgedRecord | undefined {
  const parsed = replicaRecordSchema.safeParse(item);
  return parsed.success ? decodeRecord(parsed.data) : undefined;
}

const plain = encodeRecord({ record: anAliveRecord(), ageMs: 12 });

const places = fc.constantFrom(
  ...[...Object.keys(plain), 'group_id', 'machine_name', 'protocol', 'health_check_url', 'metadata'],
  ...['lease_ttl_secs', 'added_later', '__proto__', 'toString'],
);
const replicaPlaces = fc.constantFrom('version', 'state', 'reason', 'age_ms', 'lease_ttl_ms', 'added_later');

describe('a record that a peer sends', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(records, fc.nat(), (record, ageMs) => {
        expect(readRecord(overTheWire(encodeRecord({ record, ageMs })))).toEqual({ record, ageMs });
      }),
    );
  });

  it('is read as the schema reads it, whatever is odd about it', () => {
    const items = fc
      .tuple(
        fc.oneof(
          fc.constant(plain),
          records.map((record) => encodeRecord({ record, ageMs: 3 })),
        ),
        fc.array(fc.tuple(places, oddities), { maxLength: 3 }),
        fc.array(fc.tuple(replicaPlaces, oddities), { maxLength: 2 }),
      )
      .map(([wire, outer, inner]) => {
        const replica = inner.reduce<object>(
          (item, [name, value]) => changed(item, name, value),
          wire.replica,
        );
        return outer.reduce<object>(
          (item, [name, value]) => changed(item, name, value),
          changed(wire, 'replica', replica),
        );
      });
    fc.assert(
      fc.property(fc.oneof(items, fc.jsonValue()), (item) => {
        expect(readRecord(item)).toEqual(bySchema(item));
      }),
      { numRuns: 3000 },
    );
  });

  it('is not changed by being read', () => {
    const item = overTheWire(plain);
    readRecord(item);
    expect(item).toEqual(plain);
  });

  it('is not taken to the schema when it is plain, which is what a whole table costs', () => {
    const schema = jest.spyOn(replicaRecordSchema, 'safeParse');
    const group = { group_id: '', machine_name: 'm', protocol: 'http', health_check_url: '/health' };
    for (const item of [plain, { ...plain, ...group, metadata: { a: 'b' }, lease_ttl_secs: 30 }])
      expect(readRecord(overTheWire(item))).toBeDefined();
    expect(schema).not.toHaveBeenCalled();
    expect(readRecord({ ...plain, added_later: 1 })).toBeDefined();
    expect(schema).toHaveBeenCalledTimes(1);
    schema.mockRestore();
  });
});
