import { describe, expect, it } from '@jest/globals';
import { firstBatch } from './batches.js';

describe('a batch', () => {
  it('holds so many items, and so much text', () => {
    expect(firstBatch(Array.from({ length: 1200 }, () => 'x'))).toHaveLength(500);
    expect(firstBatch(Array.from({ length: 10 }, () => 'x'.repeat(100_000)))).toHaveLength(2);
    expect(firstBatch(['x'.repeat(1_000_000), 'y'])).toHaveLength(1);
    expect(firstBatch([])).toEqual([]);
  });
});
