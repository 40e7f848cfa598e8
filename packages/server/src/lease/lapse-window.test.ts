import { describe, expect, it } from '@jest/globals';
import { LapseWindow } from './lapse-window.js';

describe('LapseWindow', () => {
  it('adds up what lapsed within its length, of those owned when it began', () => {
    const window = new LapseWindow(60_000);
    expect(window.read(0)).toEqual({ lapses: 0, owned: 0 });
    window.add(0, 2, 100);
    window.add(4000, 3, 98);
    window.add(30_000, 5, 95);
    expect(window.read(59_999)).toEqual({ lapses: 10, owned: 100 });
    expect(window.read(60_000)).toEqual({ lapses: 5, owned: 95 });
    expect(window.read(90_000)).toEqual({ lapses: 0, owned: 0 });
  });

  it('holds no more than twelve parts, however much lapses', () => {
    const window = new LapseWindow(12_000);
    for (let now = 0; now < 100_000; now += 10) window.add(now, 1, 1000);
    const { lapses } = window.read(99_990);
    expect(lapses).toBeGreaterThanOrEqual(1100);
    expect(lapses).toBeLessThanOrEqual(1200);
  });
});
