import { expect, it } from '@jest/globals';
import { counted, duration, joined } from './words.js';

it.each([
  [0, '0ms'],
  [999, '999ms'],
  [1000, '1s'],
  [61_000, '1m 1s'],
  [120_000, '2m'],
  [3_600_000, '1h'],
  [3_630_000, '1h'],
  [8_040_000, '2h 14m'],
  [90_000_000, '1d 1h'],
])('%d ms are %s', (ms, text) => expect(duration(ms)).toBe(text));

it('counts', () => {
  expect([0, 1, 2].map((count) => counted(count, 'node'))).toEqual(['0 nodes', '1 node', '2 nodes']);
});

it('joins', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(joined)).toEqual(['', 'a', 'a and b', 'a, b and c']);
});
