import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keys } from './arbitraries.fixture.js';
import type { InstanceKeyInput } from './instance.js';
import { instanceKeySchema, keyOf, keyTextOf } from './instance.js';
import { limits } from './limits.js';

describe('keyTextOf', () => {
  const parts = fc.oneof(
    fc.constantFrom(
      'a',
      'A',
      '/a',
      'a\u001fb',
      '',
      '\u001f',
      'İ'.repeat(255),
      'i̇'.repeat(255),
      'K',
      'k',
      7,
      null,
    ),
    fc.string({ maxLength: 3 }),
  );
  const anything = fc.record(
    { region_id: parts, zone_id: parts, service_id: parts, group_id: parts, instance_id: parts },
    { requiredKeys: [] },
  );

  it('is the canonical text of each key', () => {
    fc.assert(
      fc.property(keys, (key) => {
        const isLong = key.service_id.length > limits.idLength;
        expect(keyTextOf(key)).toBe(isLong ? undefined : keyOf(key));
      }),
    );
  });

  it('is that of a valid key only where that key is meant', () => {
    const valid = anything.filter((item) => instanceKeySchema.safeParse(item).success);
    fc.assert(
      fc.property(
        valid,
        anything,
        fc.constantFrom('region_id', 'service_id', 'group_id'),
        (key, other, field) => {
          for (const item of [other, { ...key, [field]: other[field] }]) {
            const text = keyOf(key as InstanceKeyInput);
            if (keyTextOf(item) !== text) continue;
            expect(instanceKeySchema.safeParse(item).success).toBe(true);
            expect(keyOf(item as InstanceKeyInput)).toBe(text);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('is nothing for what is no object', () => {
    expect([undefined, null, 'a', 7, []].map(keyTextOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
