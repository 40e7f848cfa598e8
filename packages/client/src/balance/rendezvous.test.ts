import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DiscoveredInstance } from '../discovered-instance.js';
import { fleet, idOf, offered, tally } from './instances.fixture.js';
import { Rendezvous } from './rendezvous.js';

const keys = Array.from({ length: 4000 }, (_, index) => `key-${index}`);
const homesIn = (instances: readonly DiscoveredInstance[]) => {
  const rendezvous = new Rendezvous();
  return keys.map((key) => idOf(rendezvous.pick(instances, key)));
};

describe('Rendezvous', () => {
  it('does not care in which order the instances are known', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          Array.from({ length: 20 }, (_, index) => index),
          { minLength: 1 },
        ),
        fc.string(),
        (order, key) => {
          const all = fleet(20);
          const shuffled = order.flatMap((index) => all[index] ?? []);
          const sorted = all.filter((instance) => shuffled.includes(instance));
          expect(new Rendezvous().pick(shuffled, key)).toBe(new Rendezvous().pick(sorted, key));
        },
      ),
    );
  });

  it('moves a key only from an instance that goes, or to one that comes', () => {
    const anyIds = fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(anyIds, anyIds, fc.array(fc.string(), { maxLength: 30 }), (before, after, some) => {
        const rendezvous = new Rendezvous();
        const [old, now] = [before, after].map((ids) => ids.map((id) => offered(`i-${id}`)));
        for (const key of some) {
          const from = idOf(rendezvous.pick(old ?? [], key));
          const to = idOf(rendezvous.pick(now ?? [], key));
          const hasGone = !after.some((id) => `i-${id}` === from);
          const hasCome = !before.some((id) => `i-${id}` === to);
          if (from !== to) expect(hasGone || hasCome).toBe(true);
          if (!hasGone && !hasCome) expect(to).toBe(from);
        }
      }),
    );
  });

  it('moves about one key in eleven to the eleventh instance', () => {
    const before = homesIn(fleet(10));
    const after = homesIn(fleet(11));
    const moved = after.filter((id, index) => id !== before[index]);
    expect(new Set(moved)).toEqual(new Set(['i-10']));
    expect(moved.length).toBeGreaterThan((keys.length / 11) * 0.8);
    expect(moved.length).toBeLessThan((keys.length / 11) * 1.2);
  });

  it('spreads keys evenly, also those that hardly differ', () => {
    const rendezvous = new Rendezvous();
    const instances = fleet(10);
    let next = 0;
    const counts = tally(20_000, () => rendezvous.pick(instances, String((next += 1))));
    expect(counts.size).toBe(10);
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(1800);
      expect(count).toBeLessThan(2200);
    }
  });

  it('spreads keys by weight', () => {
    const rendezvous = new Rendezvous();
    const instances = fleet(3, (index) => ({ metadata: { weight: String(index) } }));
    let next = 0;
    const counts = tally(9000, () => rendezvous.pick(instances, `user/${(next += 1)}`));
    expect(counts.has('i-0')).toBe(false);
    expect(counts.get('i-1')).toBeGreaterThan(2800);
    expect(counts.get('i-1')).toBeLessThan(3200);
  });

  it('chooses among all when all have weight 0', () => {
    const instances = fleet(4, () => ({ metadata: { weight: '0' } }));
    expect(new Set(homesIn(instances)).size).toBe(4);
  });

  it('keeps a key where it is when metadata of its instance changes, or when it comes back', () => {
    const before = fleet(5);
    const after = fleet(5, (index) => ({ metadata: { version: String(index) } })).reverse();
    expect(homesIn(after)).toEqual(homesIn(before));
  });

  it('stays what it is from version to version', () => {
    // Programs of different versions have to agree: a change of the hash moves the keys of everybody.
    expect(homesIn(fleet(7)).slice(0, 8)).toMatchInlineSnapshot(`
      [
        "i-5",
        "i-2",
        "i-3",
        "i-1",
        "i-6",
        "i-3",
        "i-4",
        "i-0",
      ]
    `);
  });

  it('has nothing to choose from nothing', () => {
    expect(new Rendezvous().pick([], 'key')).toBeUndefined();
  });
});
