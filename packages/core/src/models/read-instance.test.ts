import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { anInstance } from '../testing/index.js';
import { changed, withOddities } from './oddities.fixture.js';
import { instances, overTheWire } from './arbitraries.fixture.js';
import type { Instance } from './instance.js';
import { instanceSchema, toInstance } from './instance.js';
import { readInstance } from './read-instance.js';

/** What the schema makes of an item: the meaning of it. */
function bySchema(item: unknown): Instance | undefined {
  const parsed = instanceSchema.safeParse(item);
  return parsed.success ? toInstance(parsed.data) : undefined;
}

const plain = anInstance();
const names = fc.constantFrom(...Object.keys(instanceSchema.shape), 'added_later', '__proto__', 'toString');

describe('an instance that a client sends', () => {
  it('is read as the schema reads it, whatever is odd about it and however its fields are ordered', () => {
    const items = withOddities(fc.oneof(fc.constant(plain), instances), names, 3);
    const shuffled = items.chain((item) =>
      fc
        .shuffledSubarray(Object.keys(item), { minLength: Object.keys(item).length })
        .map((order) =>
          order.reduce<object>(
            (all, name) => changed(all, name, (item as Record<string, unknown>)[name]),
            {},
          ),
        ),
    );
    fc.assert(
      fc.property(fc.oneof(items, shuffled, fc.jsonValue()), (item) => {
        expect(JSON.stringify(readInstance(item))).toBe(JSON.stringify(bySchema(item)));
      }),
      { numRuns: 3000 },
    );
  });

  it('is not changed by being read', () => {
    const item = overTheWire(plain);
    readInstance(item);
    expect(item).toEqual(plain);
  });

  it('is not taken to the schema when it is plain', () => {
    const schema = jest.spyOn(instanceSchema, 'safeParse');
    const more = { group_id: '', machine_name: 'm', protocol: 'http', health_check_url: '/health' };
    for (const item of [plain, { ...more, metadata: { a: 'b' }, lease_ttl_secs: 30, ...plain }])
      expect(readInstance(overTheWire(item))).toEqual(item);
    expect(schema).not.toHaveBeenCalled();
    expect(readInstance({ ...plain, protocol: null })).toEqual(plain);
    expect(schema).toHaveBeenCalledTimes(1);
    schema.mockRestore();
  });
});
