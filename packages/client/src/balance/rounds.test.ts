import { SeededRandom } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fleet, idOf, offered, tally } from './instances.fixture.js';
import { Rounds } from './rounds.js';

const seeds = new SeededRandom(7);
const next = () => seeds.int(0, 1_000_000);
const rounds = (seed = 1) => new Rounds(new SeededRandom(seed));

describe('Rounds', () => {
  it('gives everybody one turn in each round, in the same order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer(), (count, seed) => {
        const turns = rounds(seed);
        const instances = fleet(count);
        const round = () => instances.map(() => idOf(turns.next(instances)));
        const first = round();
        expect(new Set(first).size).toBe(count);
        expect(round()).toEqual(first);
        expect(round()).toEqual(first);
      }),
    );
  });

  it('stays fair while instances come and go', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 20 }), (absences) => {
        const turns = rounds();
        const all = fleet(10);
        const counts = new Map<string, number>();
        for (const absent of absences) {
          const present = all.filter((_, index) => index !== absent);
          for (let turn = 0; turn < present.length; turn += 1) {
            const id = idOf(turns.next(present)) ?? '';
            counts.set(id, (counts.get(id) ?? 0) + 1);
          }
        }
        // Nine turns for nine that are there: nobody gets two of them before another got one.
        for (const count of counts.values()) expect(count).toBeLessThanOrEqual(absences.length + 1);
      }),
    );
  });

  it('begins with different ones in different callers', () => {
    const instances = fleet(10);
    const firsts = tally(200, () => rounds(next()).next(instances));
    expect(firsts.size).toBe(10);
  });

  it('forgets those that have gone', () => {
    const seconds = tally(40, () => {
      const turns = rounds(next());
      for (let index = 0; index < 200; index += 1) turns.next([offered(`gone-${index}`)]);
      // Were `gone-0` still known, the one that had no turn yet would always come before it.
      return turns.next([offered('gone-0'), offered('new')]);
    });
    expect([...seconds.keys()].sort()).toEqual(['gone-0', 'new']);
  });
});
