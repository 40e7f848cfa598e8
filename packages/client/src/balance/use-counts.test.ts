import { SeededRandom } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fleet, idOf, offered, tally } from './instances.fixture.js';
import { UseCounts } from './use-counts.js';

const random = () => new SeededRandom(5);

describe('UseCounts', () => {
  it('knows how many uses of each are under way, whatever begins and ends when', () => {
    const step = fc.record({ instance: fc.nat(3), ends: fc.option(fc.nat(20)) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const uses = new UseCounts();
        const instances = fleet(4);
        const begun: { readonly of: number; readonly use: Disposable }[] = [];
        const ended = new Set<number>();
        for (const { instance: of, ends } of steps) {
          const instance = instances[of];
          if (ends === null && instance !== undefined) begun.push({ of, use: uses.use(instance) });
          else if (ends !== null && begun[ends] !== undefined) {
            // Perhaps for the second time, which counts for nothing.
            begun[ends].use[Symbol.dispose]();
            ended.add(ends);
          }
        }
        const open = begun.filter((_, index) => !ended.has(index));
        expect(instances.map((instance) => uses.of(instance))).toEqual(
          [0, 1, 2, 3].map((of) => open.filter((use) => use.of === of).length),
        );
      }),
    );
  });

  it('picks the one with the fewest, and one of these by chance', () => {
    const uses = new UseCounts();
    const [busy, ...idle] = fleet(3);
    const use = uses.use(busy ?? offered('none'));
    const chance = random();
    const all = fleet(3);
    const counts = tally(100, () => uses.least(all, chance));
    expect([...counts.keys()].sort()).toEqual(idle.map(idOf));
    use[Symbol.dispose]();
    expect(tally(100, () => uses.least(all, chance)).size).toBe(3);
  });

  it('spreads uses that do not end as evenly as they can be', () => {
    const uses = new UseCounts();
    const chance = random();
    const instances = fleet(5);
    tally(23, () => {
      const instance = uses.least(instances, chance);
      if (instance !== undefined) uses.use(instance);
      return instance;
    });
    const counts = instances.map((instance) => uses.of(instance));
    expect(Math.max(...counts) - Math.min(...counts)).toBe(1);
  });

  it('counts on when the instance changes, and has nothing to pick from nothing', () => {
    const uses = new UseCounts();
    uses.use(offered('a'));
    expect(uses.of(offered('a', { metadata: { new: 'yes' } }))).toBe(1);
    expect(uses.least([], random())).toBeUndefined();
  });
});
