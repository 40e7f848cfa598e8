import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { aKey } from '../testing/index.js';
import { keys, liveVersions, overTheWire } from './arbitraries.fixture.js';
import { keyOf } from './instance.js';
import { withOddities } from './oddities.fixture.js';
import { renewalSchema } from './peer.js';
import type { ReadRenewal } from './read-renewal.js';
import { readRenewal } from './read-renewal.js';
import { decodeVersion, encodeVersion } from './version.js';

/** What the schema makes of an item: the meaning of it. */
function bySchema(item: unknown): ReadRenewal | undefined {
  const parsed = renewalSchema.safeParse(item);
  if (!parsed.success) return undefined;
  const { version, age_ms: ageMs } = parsed.data;
  return { key: keyOf(parsed.data), version: decodeVersion(version), ageMs };
}

const renewals = fc
  .tuple(keys, liveVersions, fc.nat())
  .map(([key, version, ageMs]) => ({ ...key, version: encodeVersion(version), age_ms: ageMs }));
const names = fc.constantFrom(...Object.keys(renewalSchema.shape), 'added_later', '__proto__');

describe('a renewal that a peer sends', () => {
  it('is read as the schema reads it, whatever is odd about it', () => {
    const items = withOddities(renewals, names, 2);
    fc.assert(
      fc.property(fc.oneof(items, fc.jsonValue()), (item) => {
        expect(readRenewal(item)).toEqual(bySchema(item));
      }),
      { numRuns: 2000 },
    );
  });

  it('is not taken to the schema when it is plain', () => {
    const schema = jest.spyOn(renewalSchema, 'safeParse');
    const plain = { ...aKey(), version: [1, 'a#1', 0, 'a'], age_ms: 3 };
    for (const item of [plain, { ...plain, group_id: 'g' }, { ...plain, group_id: null, added_later: 1 }])
      expect(readRenewal(overTheWire(item))).toEqual(bySchema(item));
    // Once each by the schema itself.
    expect(schema).toHaveBeenCalledTimes(3);
    schema.mockRestore();
  });
});
