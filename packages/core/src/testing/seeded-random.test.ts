import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from './seeded-random.js';

const draw = (random: SeededRandom, count = 1000) => Array.from({ length: count }, () => random.next());

describe('seeded chance', () => {
  it('draws the same from the same seed, and something else from the next', () => {
    expect(draw(new SeededRandom(7))).toEqual(draw(new SeededRandom(7)));
    const seeds = Array.from({ length: 1000 }, (_, seed) => new SeededRandom(seed).next());
    expect(new Set(seeds).size).toBe(1000);
  });

  it('is uniform in [0, 1)', () => {
    const numbers = draw(new SeededRandom(1), 100_000);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const number of numbers) tenths[Math.floor(number * 10)]! += 1;
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('makes whole numbers between both ends, each end included', () => {
    const random = new SeededRandom(2);
    const seen = new Set(Array.from({ length: 1000 }, () => random.int(3, 6)));
    expect([...seen].sort()).toEqual([3, 4, 5, 6]);
    expect(random.int(5, 5)).toBe(5);
    const between = Array.from({ length: 1000 }, () => random.between(2, 3));
    expect(Math.min(...between)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...between)).toBeLessThan(3);
  });

  it('makes ids of lower-case base 36', () => {
    const random = new SeededRandom(3);
    expect(random.id(10)).toMatch(/^[0-9a-z]{10}$/);
    expect(random.id(0)).toBe('');
    expect(new Set(random.id(10_000)).size).toBe(36);
  });

  it('lets things happen as often as told', () => {
    const random = new SeededRandom(4);
    const count = (probability: number) =>
      Array.from({ length: 10_000 }, () => random.chance(probability)).filter(Boolean).length;
    expect(count(0)).toBe(0);
    expect(count(1)).toBe(10_000);
    expect(Math.abs(count(0.25) - 2500)).toBeLessThan(200);
  });

  it('picks each item, and nothing from nothing', () => {
    const random = new SeededRandom(5);
    const seen = new Set(Array.from({ length: 200 }, () => random.pick(['a', 'b', 'c'])));
    expect(seen.size).toBe(3);
    expect(() => random.pick([])).toThrow('nothing to pick from');
  });

  it('forks streams that depend on the label alone, not on what was drawn', () => {
    const random = new SeededRandom(6);
    const before = draw(random.fork('network'));
    draw(random);
    expect(draw(random.fork('network'))).toEqual(before);
    expect(draw(random.fork('node1'))).not.toEqual(before);
    expect(draw(new SeededRandom(6))).not.toEqual(before);
  });
});
