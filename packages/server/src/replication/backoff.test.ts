import type { Random } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.js';

const always = (value: number): Random => ({ next: () => value, id: () => '' });

describe('backoffMs', () => {
  it('doubles its limit with each failure, up to ten seconds', () => {
    const limits = [1, 2, 3, 4, 20].map((failures) => backoffMs(failures, always(1)));
    expect(limits).toEqual([100, 200, 400, 800, 10_000]);
  });

  it('draws from the whole range, so that many nodes do not call at once', () => {
    expect(backoffMs(5, always(0))).toBe(0);
    expect(backoffMs(5, always(0.5))).toBe(800);
  });
});
