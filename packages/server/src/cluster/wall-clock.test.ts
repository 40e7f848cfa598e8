import { CollectedLogger, VirtualTime } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { SteadyWallClock } from './wall-clock.js';

function steady(time = new VirtualTime()) {
  const { clock } = time.node();
  const logger = new CollectedLogger();
  let jumps = 0;
  const wall = new SteadyWallClock(clock, logger, () => (jumps += 1));
  return { time, clock, logger, wall, jumps: () => jumps };
}

describe('SteadyWallClock', () => {
  it('advances with the monotonic clock', async () => {
    const { time, wall } = steady();
    await time.advance(1234);
    expect(wall.wallMs()).toBe(time.startWallMs + 1234);
  });

  it('follows a clock that is being kept right', async () => {
    const { time, clock, wall, jumps } = steady();
    clock.jump(400);
    await time.advance(61_000);
    expect(wall.wallMs()).toBe(time.startWallMs + 61_400);
    expect(jumps()).toBe(0);
  });

  it.each([3_600_000, -3_600_000])('ignores a jump of %i ms, and says so', async (jumpMs) => {
    const { time, clock, wall, logger, jumps } = steady();
    clock.jump(jumpMs);
    await time.advance(61_000);
    expect(wall.wallMs()).toBe(time.startWallMs + 61_000);
    expect(jumps()).toBe(1);
    expect(logger.text()).toContain('The wall clock jumped');
  });
});
