import { describe, expect, it } from '@jest/globals';
import { VirtualTime } from './testing/index.js';
import { Slices } from './turn.js';

/** Slices of ten units of work, on a clock that goes only when it is told. */
function slicesOfTen() {
  const time = new VirtualTime();
  const clock = { ms: 5, monotonicMs: () => clock.ms };
  return { time, clock, slices: new Slices({ clock, scheduler: time.scheduler }, 10) };
}

describe('Slices', () => {
  it('end when enough has been done, in parts of whatever size', async () => {
    const { time, slices } = slicesOfTen();
    const isOverAfter = (work: number) => {
      slices.did(work);
      return slices.isOver;
    };
    expect([4, 5, 1, 0].map(isOverAfter)).toEqual([false, false, true, true]);
    await time.finish(slices.next());
    expect([9, 0, 100].map(isOverAfter)).toEqual([false, false, true]);
  });

  it('end when they have taken enough time, and the wait between two of them does not count', async () => {
    const { time, clock, slices } = slicesOfTen();
    clock.ms += 0.3;
    expect(slices.isOver).toBe(false);
    clock.ms += 0.2;
    expect(slices.isOver).toBe(true);
    const next = slices.next();
    clock.ms += 100;
    await time.finish(next);
    expect(slices.isOver).toBe(false);
    clock.ms += 0.5;
    expect(slices.isOver).toBe(true);
  });

  it('count what was done in the turn before they began, for the first of them', async () => {
    const { time, clock } = slicesOfTen();
    const slices = new Slices({ clock, scheduler: time.scheduler }, 10, 7);
    const done: number[] = [];
    const all = slices.each([1, 2, 3, 4, 5], (item) => done.push(item));
    expect(done).toEqual([1, 2, 3]);
    await time.finish(all);
    expect(done).toEqual([1, 2, 3, 4, 5]);
  });
});
