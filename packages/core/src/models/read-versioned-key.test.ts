import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { aKey } from '../testing/index.js';
import { keys, liveVersions, overTheWire } from './arbitraries.fixture.js';
import { versionedKeySchema } from './exchange.js';
import { keyOf, toInstanceKey } from './instance.js';
import { withOddities } from './oddities.fixture.js';
import type { ReadVersionedKey } from './read-versioned-key.js';
import { readVersionedKey } from './read-versioned-key.js';
import { decodeVersion, encodeVersion } from './version.js';

/** What the schema makes of an item: the meaning of it. */
function bySchema(item: unknown): ReadVersionedKey | undefined {
  const parsed = versionedKeySchema.safeParse(item);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  return { key: keyOf(data), instanceKey: toInstanceKey(data), version: decodeVersion(data.version) };
}

const listed = fc
  .tuple(keys, liveVersions)
  .map(([key, version]) => ({ ...key, version: encodeVersion(version) }));
const names = fc.constantFrom(...Object.keys(versionedKeySchema.shape), 'added_later', '__proto__');

describe('a key with its version that a peer lists', () => {
  it('is read as the schema reads it, whatever is odd about it', () => {
    const items = withOddities(listed, names, 2);
    fc.assert(
      fc.property(fc.oneof(items, fc.jsonValue()), (item) => {
        expect(readVersionedKey(item)).toEqual(bySchema(item));
      }),
      { numRuns: 2000 },
    );
  });

  it('is not taken to the schema when it is plain', () => {
    const schema = jest.spyOn(versionedKeySchema, 'safeParse');
    const plain = { ...aKey(), version: [1, 'a#1', 0, 'a'] };
    for (const item of [plain, { ...plain, group_id: 'g' }, { ...plain, group_id: null, added_later: 1 }])
      expect(readVersionedKey(overTheWire(item))).toEqual(bySchema(item));
    // Once each by the schema itself.
    expect(schema).toHaveBeenCalledTimes(3);
    schema.mockRestore();
  });
});
