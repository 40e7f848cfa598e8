import { describe, expect, it } from '@jest/globals';
import { aKey } from '../testing/fixtures.js';
import { digestRequestSchema, leaseAgesRequestSchema, recordsRequestSchema } from './exchange.js';
import { limits } from './limits.js';

const hashes = '0123456789abcdef'.repeat(16);
const lists = (size: number) => ({
  path: Array.from({ length: size }, () => 'fff'),
  hashes: Array.from({ length: size }, () => hashes),
});

describe('a request for digests', () => {
  it.each([
    { path: [''], hashes: [hashes] },
    { path: ['0', 'a1', 'fff'], hashes: [hashes, hashes, hashes] },
    lists(limits.digestPaths),
  ])('names buckets, and the hashes of their children (%#)', (request) => {
    expect(digestRequestSchema.safeParse(request).success).toBe(true);
  });

  it.each([
    {},
    { path: '', hashes: '' },
    lists(0),
    lists(limits.digestPaths + 1),
    { path: ['ffff'], hashes: [hashes] },
    { path: ['F'], hashes: [hashes] },
    { path: ['../'], hashes: [hashes] },
    { path: [7], hashes: [hashes] },
    { path: ['a', 'b'], hashes: [hashes] },
    { path: ['a'], hashes: [hashes.slice(1)] },
    { path: ['a'], hashes: [`${hashes}0`] },
    { path: ['a'], hashes: ['x'.repeat(hashes.length)] },
  ])('is refused when it is anything else (%#)', (request) => {
    expect(digestRequestSchema.safeParse(request).success).toBe(false);
  });
});

describe('a request for records', () => {
  it.each([
    {},
    { keys: null, cursor: null, limit: null },
    { keys: [aKey()] },
    { cursor: '3f1c', limit: 10_000 },
  ])('names keys or a page (%#)', (request) => {
    expect(recordsRequestSchema.safeParse(request).success).toBe(true);
  });

  it.each([
    { keys: {} },
    { keys: [{}] },
    { keys: Array.from({ length: limits.batchItems + 1 }, () => aKey()) },
    { limit: 0 },
    { limit: limits.recordsPage + 1 },
    { limit: 1.5 },
    { cursor: 7 },
    { cursor: 'x'.repeat(20_000) },
  ])('is refused when it is anything else (%#)', (request) => {
    expect(recordsRequestSchema.safeParse(request).success).toBe(false);
  });
});

describe('a request for lease ages', () => {
  it('names an owner, or keys', () => {
    expect(leaseAgesRequestSchema.safeParse({ owner: 'node1' }).success).toBe(true);
    expect(leaseAgesRequestSchema.safeParse({ owner: '', keys: [aKey()] }).success).toBe(true);
  });

  it.each([{}, { owner: null }, { owner: 'x'.repeat(256) }, { owner: '', keys: [7] }])(
    'is refused when it is anything else (%#)',
    (request) => {
      expect(leaseAgesRequestSchema.safeParse(request).success).toBe(false);
    },
  );
});
