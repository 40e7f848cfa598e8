import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TimingWheel } from './wheel.js';

function takeAll(wheel: TimingWheel, nowMs: number): number[] {
  const items: number[] = [];
  for (let slot = wheel.take(nowMs); slot !== undefined; slot = wheel.take(nowMs)) items.push(...slot.items);
  return items;
}

describe('TimingWheel', () => {
  it('hands an item out at or just after its deadline, once', () => {
    const wheel = new TimingWheel(0, 250);
    wheel.add(7, 1100);
    expect(takeAll(wheel, 1249)).toEqual([]);
    expect(takeAll(wheel, 1250)).toEqual([7]);
    expect(takeAll(wheel, 10_000)).toEqual([]);
  });

  it('plans a deadline that has passed for the very next slot', () => {
    const wheel = new TimingWheel(1000, 250);
    takeAll(wheel, 5000);
    wheel.add(8, 200);
    expect(takeAll(wheel, 5250)).toEqual([8]);
  });

  it('hands every item out within a slot of its deadline, and never early, whatever the steps of time', () => {
    const deadlines = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 50 });
    const steps = fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 30 });
    fc.assert(
      fc.property(deadlines, steps, (planned, advances) => {
        const wheel = new TimingWheel(0, 250);
        planned.forEach((deadlineMs, index) => wheel.add(index, deadlineMs));
        const left = new Set(planned.keys());
        let now = 0;
        for (const advance of [...advances, 30_000]) {
          now += advance;
          for (const item of takeAll(wheel, now)) {
            expect(left.delete(item)).toBe(true);
            expect(planned[item]).toBeLessThanOrEqual(now);
          }
          for (const index of left) expect(planned[index]).toBeGreaterThan(now - 500);
        }
        expect(left.size).toBe(0);
      }),
    );
  });
});
