import { SeededRandom } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { fleet, offered, tally } from './instances.fixture.js';
import { pickWeighted, weightOf } from './weights.js';

describe('weightOf', () => {
  it.each([
    [undefined, 1],
    ['', 1],
    ['heavy', 1],
    ['-3', 1],
    ['1e3', 1],
    ['Infinity', 1],
    ['0', 0],
    ['2.5', 2.5],
    ['100', 100],
  ])('takes %j for %d', (weight, expected) => {
    const metadata = weight === undefined ? {} : { metadata: { weight } };
    expect(weightOf(offered('a', metadata))).toBe(expected);
  });
});

describe('pickWeighted', () => {
  const random = () => new SeededRandom(3);

  it('picks in proportion to the weights, and those without one as if it were 1', () => {
    const chance = random();
    const weights = ['0', '0.5', undefined, '3.5'];
    const instances = fleet(4, (index) => {
      const weight = weights[index];
      return weight === undefined ? {} : { metadata: { weight } };
    });
    const counts = tally(10_000, () => pickWeighted(instances, chance));
    expect(counts.has('i-0')).toBe(false);
    const shares = ['i-1', 'i-2', 'i-3'].map((id) => (counts.get(id) ?? 0) / 10_000);
    [0.1, 0.2, 0.7].forEach((share, index) => {
      expect(Math.abs((shares[index] ?? 0) - share)).toBeLessThan(0.02);
    });
  });

  it('picks evenly when all weights are 0', () => {
    const chance = random();
    const instances = fleet(2, () => ({ metadata: { weight: '0' } }));
    const counts = tally(1000, () => pickWeighted(instances, chance));
    expect(counts.get('i-0')).toBeGreaterThan(400);
    expect(counts.get('i-1')).toBeGreaterThan(400);
  });

  it('has an answer for the largest chance, and none for nothing', () => {
    const most = { next: () => 1 - 2 ** -53, id: () => '' };
    const instances = fleet(3, (index) => ({ metadata: { weight: index === 2 ? '0' : '0.1' } }));
    expect(pickWeighted(instances, most)).toBe(instances[1]);
    expect(pickWeighted([], most)).toBeUndefined();
  });
});
