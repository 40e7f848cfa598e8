import type { Clock } from '@artemis/core';
import { VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { LeaseClock } from './lease-clock.js';

let monotonicMs: number;
let wallMs: number;
let restarts: number[];
let credits: number[];
let agrees: boolean | undefined;
let asked: number[];
let agreed: boolean | undefined;
let before: { monotonicMs: number; wallMs: number }[];
let time: VirtualTime;
let leaseClock: LeaseClock;

const hourMs = 3_600_000;

beforeEach(() => {
  [monotonicMs, wallMs, restarts, credits, agrees, asked] = [5000, 1_000_000, [], [], undefined, []];
  [agreed, before] = [true, []];
  time = new VirtualTime();
  const clock: Clock = { monotonicMs: () => monotonicMs, wallMs: () => wallMs };
  leaseClock = new LeaseClock({
    clock,
    scheduler: time.scheduler,
    restartAfterMs: 1_500_000,
    restarted: (sinceMs) => restarts.push(sinceMs),
    credited: (gapMs) => credits.push(gapMs),
    wallAgrees: (here, sinceMs) => {
      if (sinceMs === -Infinity) {
        before.push(here);
        return agreed;
      }
      asked.push(sinceMs);
      return agrees;
    },
  });
});

/** Time passes for both clocks, looked at in small steps. */
function pass(ms: number): void {
  for (let left = ms; left > 0; left -= 250) {
    monotonicMs += 250;
    wallMs += 250;
    leaseClock.tick();
  }
}

function stop(ms: number): void {
  monotonicMs += ms;
  wallMs += ms;
}

describe('LeaseClock', () => {
  it('does not take the time until it begins for a pause', () => {
    monotonicMs += 60_000;
    wallMs += 60_000;
    leaseClock.begin();
    leaseClock.tick();
    expect([leaseClock.nowMs(), credits]).toEqual([65_000, []]);
  });

  it('goes with the monotonic clock while it is looked at', () => {
    const before = leaseClock.nowMs();
    pass(60_000);
    stop(1000);
    expect([leaseClock.nowMs() - before, credits]).toEqual([61_000, []]);
  });

  it('stands still while the node does, whoever looks first', () => {
    const before = leaseClock.nowMs();
    stop(90_000);
    expect(leaseClock.nowMs()).toBe(before);
    stop(500);
    expect(leaseClock.nowMs()).toBe(before + 500);
    stop(1001);
    leaseClock.tick();
    expect([leaseClock.nowMs(), credits]).toEqual([before + 500, [90_000, 1001]]);
    expect(leaseClock.monotonicMs()).toBe(monotonicMs);
  });

  it('takes a gap beyond the retention for a restart, and says so in a turn of its own', async () => {
    stop(1_500_000);
    leaseClock.nowMs();
    await time.settle();
    expect(restarts).toEqual([]);
    stop(1_500_001);
    const now = leaseClock.nowMs();
    expect(restarts).toEqual([]);
    await time.settle();
    expect(restarts).toEqual([now]);
  });

  it('is catching up for a second after a gap beyond the retention, whoever looks first, and not after a shorter one', () => {
    stop(hourMs / 6);
    expect(leaseClock.catchingUp).toBe(false);
    stop(hourMs);
    expect(leaseClock.catchingUp).toBe(true);
    pass(750);
    expect(leaseClock.catchingUp).toBe(true);
    pass(250);
    expect(leaseClock.catchingUp).toBe(false);
  });

  it('takes a jump of the wall clock alone for a suspension when peers have the same time, and credits nothing', async () => {
    wallMs += hourMs;
    pass(1000);
    expect(new Set(asked)).toEqual(new Set([5250]));
    agrees = true;
    const before = leaseClock.nowMs();
    pass(500);
    await time.settle();
    expect([restarts.length, credits, leaseClock.nowMs() - before]).toEqual([1, [], 500]);
    pass(120_000);
    await time.settle();
    expect(restarts).toHaveLength(1);
  });

  it.each([
    ['peers have another time', false, hourMs],
    ['nobody answers', undefined, hourMs],
    ['it is shorter than the retention', true, 1_000_000],
    ['it goes back', true, -hourMs],
  ])('does not when %s', async (_why, verdict, jumpMs) => {
    agrees = verdict;
    wallMs += jumpMs;
    pass(70_000);
    agrees = true;
    pass(1000);
    await time.settle();
    expect(restarts).toEqual([]);
  });

  it('takes a wrong clock that is put right for no suspension: peers had another time before', async () => {
    [agreed, agrees] = [false, true];
    wallMs += hourMs;
    pass(2000);
    await time.settle();
    expect([restarts, asked, before]).toEqual([[], [], [{ monotonicMs: 5250, wallMs: 1_000_250 }]]);
  });

  it('takes a clock that jumps ahead and back for no suspension, though it is right in the end', async () => {
    wallMs += hourMs;
    pass(500);
    wallMs -= hourMs;
    leaseClock.tick();
    agrees = true;
    pass(2000);
    await time.settle();
    expect([asked.length, restarts]).toEqual([2, []]);
  });

  it('tells nothing after it was stopped', async () => {
    stop(hourMs);
    leaseClock.nowMs();
    leaseClock.stop();
    await time.settle();
    expect(restarts).toEqual([]);
  });
});
