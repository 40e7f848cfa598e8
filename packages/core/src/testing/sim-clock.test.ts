import { describe, expect, it } from '@jest/globals';
import { VirtualTime } from './virtual-time.js';

const startWallMs = 1_700_000_000_000;

describe('a simulated clock', () => {
  it('shows the time of the world, its monotonic one from 0', async () => {
    const time = new VirtualTime({ startWallMs });
    await time.advance(1000);
    const { clock } = time.node();
    expect([clock.monotonicMs(), clock.wallMs()]).toEqual([0, startWallMs + 1000]);
    await time.advance(2500.5);
    expect([clock.monotonicMs(), clock.wallMs()]).toEqual([2500.5, startWallMs + 3500]);
  });

  it('can be off and jump without touching its monotonic time', async () => {
    const time = new VirtualTime({ startWallMs });
    const { clock } = time.node({ skewMs: -500 });
    expect(clock.wallMs()).toBe(startWallMs - 500);
    await time.advance(100);
    clock.jump(-3_600_000);
    expect([clock.monotonicMs(), clock.wallMs()]).toEqual([100, startWallMs - 400 - 3_600_000]);
    clock.setSkew(7);
    await time.advance(1);
    expect([clock.monotonicMs(), clock.wallMs()]).toEqual([101, startWallMs + 108]);
  });

  it('can drift, and takes its timers along', async () => {
    const time = new VirtualTime({ startWallMs });
    const fast = time.node({ rate: 1.25 });
    const ran: number[] = [];
    fast.scheduler.after(1000, () => void ran.push(time.nowMs));
    await time.advance(1000);
    expect(ran).toEqual([800]);
    expect([fast.clock.monotonicMs(), fast.clock.wallMs()]).toEqual([1250, startWallMs + 1250]);
    fast.clock.setRate(1);
    await time.advance(1000);
    expect([fast.clock.monotonicMs(), fast.clock.wallMs()]).toEqual([2250, startWallMs + 2250]);
  });

  it('lets time pass until a timer is over, however little is left', async () => {
    const time = new VirtualTime({ startWallMs, maxTasksPerInstant: 100 });
    const { clock, scheduler } = time.node({ rate: 0.999 });
    await time.advance(172_713.123);
    const beganMs = clock.monotonicMs();
    // Less than this clock can show at this time.
    const again = (): void => void (clock.monotonicMs() === beganMs && scheduler.after(1e-12, again));
    again();
    await time.advance(1);
    expect(clock.monotonicMs()).toBeGreaterThan(beganMs);
  });

  it('is one of several that differ', () => {
    const time = new VirtualTime({ startWallMs });
    const [a, b] = [time.node({ skewMs: 1000 }), time.node({ skewMs: -1000 })];
    expect(a.clock.wallMs() - b.clock.wallMs()).toBe(2000);
    expect(time.clock.wallMs()).toBe(startWallMs);
  });
});
