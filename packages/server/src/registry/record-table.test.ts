import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RecordTable } from './record-table.js';
import { alive } from './registry.fixture.js';

describe('RecordTable', () => {
  it('holds what a map would, whatever is put and taken', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(12)), { maxLength: 200 });
    fc.assert(
      fc.property(steps, fc.string(), (history, seed) => {
        const table = new RecordTable(seed);
        const expected = new Map<string, unknown>();
        history.forEach(([isPut, id], stamp) => {
          const record = alive(`i${id}`, stamp);
          if (isPut) table.set(record);
          else table.delete(record.key);
          if (isPut) expected.set(record.key, record);
          else expected.delete(record.key);
          expect(table.get(record.key)).toBe(expected.get(record.key));
        });
        expect(table.size).toBe(expected.size);
        expect([...table.keys()].sort()).toEqual([...expected.keys()].sort());
        for (const likelySlot of [undefined, -1, 0, 3, 5000])
          for (const [key, record] of expected) expect(table.get(key, likelySlot)).toBe(record);
      }),
    );
  });

  it('finds every record while it grows and shrinks by thousands', () => {
    const table = new RecordTable('run');
    const many = Array.from({ length: 10_000 }, (_, index) => alive(`i${index}`, index));
    for (const record of many) table.set(record);
    for (const record of many.slice(0, 5000)) table.delete(record.key);
    for (const record of many.slice(0, 2500)) table.set(record);
    expect(many.map(({ key }) => table.get(key) !== undefined)).toEqual(
      many.map((_, index) => index < 2500 || index >= 5000),
    );
    expect(table.size).toBe(7500);
  });

  it('says where to look first for many keys', () => {
    const table = new RecordTable('run');
    const many = Array.from({ length: 3000 }, (_, index) => alive(`i${index}`, index));
    for (const record of many.slice(0, 2000)) table.set(record);
    const keys = many.map(({ key }) => key);
    const likely = table.likelySlotsOf(keys);
    expect(likely).toHaveLength(3000);
    // Two keys of one hash are rare.
    const found = keys.filter((key, index) => likely[index] === table.slotOf(key));
    expect(found.length).toBeGreaterThan(2900);
    expect(keys.map((key, index) => table.get(key, likely[index]))).toEqual([
      ...many.slice(0, 2000),
      ...Array.from({ length: 1000 }, () => undefined),
    ]);
    expect(table.likelySlotsOf([undefined, ...keys.slice(0, 3)]).slice(1)).toEqual(likely.slice(0, 3));
    expect(table.likelySlotsOf(keys.slice(0, 1))).toEqual([]);
  });

  it('gives each record a slot of its own, which stays while anything is held under the key', () => {
    const table = new RecordTable();
    const [a, b] = [table.set(alive('a', 1)), table.set(alive('b', 1))];
    expect(b).not.toBe(a);
    const later = alive('a', 2);
    expect([table.set(later), table.slotOf(later.key), table.at(a)]).toEqual([a, a, later]);
    table.delete(later.key);
    expect([table.slotOf(later.key), table.at(a)]).toEqual([-1, undefined]);
    expect(table.set(alive('c', 1))).toBe(a);
  });
});
