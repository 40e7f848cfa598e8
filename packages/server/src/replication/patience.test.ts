import { VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Patience } from './patience.js';

let time: VirtualTime;
let patience: Patience;

beforeEach(() => {
  time = new VirtualTime();
  patience = new Patience(time.clock, 5000);
});

/** How often a bucket that never becomes equal is walked within a time, asked each second. */
async function walksWithin(ms: number): Promise<number> {
  let walks = 0;
  for (let second = 0; second < ms / 1000; second += 1) {
    const due = patience.of(new Set(['a1']));
    walks += due.length;
    patience.walked(due);
    await time.advance(1000);
  }
  return walks;
}

describe('Patience', () => {
  it('ends with a bucket that is walked and walked and still differs', async () => {
    const early = await walksWithin(60_000);
    const late = await walksWithin(600_000);
    expect(early).toBeLessThan(10);
    expect([late >= 9, late <= 11]).toEqual([true, true]);
  });

  it('begins anew with a bucket that was equal in between', async () => {
    await walksWithin(60_000);
    expect(patience.of(new Set(['a1', 'b2']))).toEqual(['b2']);
    patience.of(new Set());
    expect(patience.of(new Set(['a1']))).toEqual(['a1']);
  });

  it('leaves a bucket alone for a minute where it is told to', async () => {
    patience.rest(['a1']);
    await time.advance(59_000);
    expect(patience.of(new Set(['a1']))).toEqual([]);
    await time.advance(1000);
    expect(patience.of(new Set(['a1']))).toEqual(['a1']);
  });

  it('forgets everything of a peer that started anew', () => {
    patience.rest(['a1']);
    patience.clear();
    expect(patience.of(new Set(['a1']))).toEqual(['a1']);
  });
});
