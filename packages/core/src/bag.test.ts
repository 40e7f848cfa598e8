import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Bag } from './bag.js';

describe('Bag', () => {
  it('holds what was added and not taken out, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat())), (steps) => {
        const bag = new Bag<number>();
        const held = new Map<number, () => boolean>();
        for (const [number, [isAdded, which]] of steps.entries()) {
          const key = [...held.keys()][which % Math.max(1, held.size)];
          if (isAdded || key === undefined) held.set(number, bag.add(number));
          else {
            expect(held.get(key)?.()).toBe(true);
            held.delete(key);
          }
          expect([...bag].sort((a, b) => a - b)).toEqual([...held.keys()]);
          expect(bag.size).toBe(held.size);
        }
      }),
    );
  });

  it('takes each out once, and the same item as often as it was added', () => {
    const bag = new Bag<string>();
    const removes = [bag.add('a'), bag.add('a'), bag.add('b')];
    expect(removes[0]?.()).toBe(true);
    expect(removes[0]?.()).toBe(false);
    expect([...bag].sort()).toEqual(['a', 'b']);
  });

  it('goes through those that were there at the beginning, though they go meanwhile', () => {
    const bag = new Bag<() => void>();
    let called = 0;
    for (let count = 0; count < 3; count += 1) {
      const remove = bag.add(() => {
        called += 1;
        remove();
        bag.add(() => undefined);
      });
    }
    for (const item of bag) item();
    expect([called, bag.size]).toEqual([3, 3]);
  });
});
