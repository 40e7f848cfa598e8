import type { Clock, Scheduler } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import { LoopLagGauge } from './health.js';

function measured(): { gauge: LoopLagGauge; tick: (lateMs: number) => void; stopped: () => boolean } {
  let nowMs = 0;
  let task: (() => void) | undefined;
  let intervalMs = 0;
  const clock: Clock = { monotonicMs: () => nowMs, wallMs: () => 0 };
  const scheduler: Pick<Scheduler, 'every'> = {
    every(everyMs, planned) {
      intervalMs = everyMs;
      task = planned;
      return () => (task = undefined);
    },
  };
  const gauge = new LoopLagGauge(clock, scheduler as Scheduler);
  gauge.start();
  const tick = (lateMs: number): void => {
    nowMs += intervalMs + lateMs;
    task?.();
  };
  return { gauge, tick, stopped: () => task === undefined };
}

describe('LoopLagGauge', () => {
  it('is how late the latest task came', () => {
    const { gauge, tick } = measured();
    expect([gauge.lagMs, gauge.highestMs]).toEqual([0, 0]);
    tick(40);
    expect(gauge.lagMs).toBe(40);
    tick(0);
    expect(gauge.lagMs).toBe(0);
  });

  it('remembers a stall for five seconds', () => {
    const { gauge, tick } = measured();
    tick(7000);
    for (let tickCount = 0; tickCount < 19; tickCount += 1) tick(1);
    expect(gauge.highestMs).toBe(7000);
    tick(1);
    expect(gauge.highestMs).toBe(1);
  });

  it('never goes below zero and ends with the node', () => {
    const { gauge, tick, stopped } = measured();
    tick(-5);
    expect(gauge.lagMs).toBe(0);
    gauge.stop();
    expect(stopped()).toBe(true);
  });
});
