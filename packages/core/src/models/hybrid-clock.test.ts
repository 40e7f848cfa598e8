import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HybridClock, stampAt, stampWallMs } from './hybrid-clock.js';

const startMs = 1_735_689_600_000;
const driftMs = 60_000;

/** A clock on a wall that a test moves. */
function clockAt(wallMs: number) {
  const wall = { ms: wallMs };
  return { wall, clock: new HybridClock(() => wall.ms, driftMs) };
}

describe('stamps', () => {
  it('are unix milliseconds x 1024 + a counter', () => {
    expect(stampAt(startMs)).toBe(startMs * 1024);
    expect(stampWallMs(stampAt(startMs) + 1023)).toBe(startMs);
    expect(stampWallMs(stampAt(startMs) + 1024)).toBe(startMs + 1);
  });

  it('are safe integers for centuries, and whole for a fraction of a millisecond', () => {
    expect(Number.isSafeInteger(stampAt(Date.UTC(2240, 0, 1)) + 1023)).toBe(true);
    expect(stampAt(5.75)).toBe(5 * 1024);
  });
});

describe('the hybrid clock', () => {
  it('follows the wall, and counts within a millisecond', () => {
    const { wall, clock } = clockAt(startMs);
    expect([clock.next(), clock.next(), clock.next()]).toEqual([0, 1, 2].map((n) => stampAt(startMs) + n));
    wall.ms += 1;
    expect(clock.next()).toBe(stampAt(startMs + 1));
  });

  it('carries a full counter into the next millisecond', () => {
    const { wall, clock } = clockAt(startMs);
    const stamps = Array.from({ length: 1025 }, () => clock.next());
    expect(new Set(stamps).size).toBe(1025);
    expect(stamps.at(-1)).toBe(stampAt(startMs + 1));
    wall.ms += 1;
    expect(clock.next()).toBe(stampAt(startMs + 1) + 1);
  });

  it('stands still when the wall goes back', () => {
    const { wall, clock } = clockAt(startMs);
    const before = clock.next();
    wall.ms -= 3_600_000;
    expect(clock.now()).toBe(before);
    expect(clock.next()).toBe(before + 1);
  });

  it('shows the newest stamp without making one', () => {
    const { wall, clock } = clockAt(startMs);
    expect([clock.now(), clock.now()]).toEqual([stampAt(startMs), stampAt(startMs)]);
    wall.ms += 5;
    expect(clock.now()).toBe(stampAt(startMs + 5));
    expect(clock.next()).toBeGreaterThan(stampAt(startMs + 5));
  });

  it('moves past what it has seen', () => {
    const { clock } = clockAt(startMs);
    const seen = stampAt(startMs + driftMs) + 1023;
    expect(clock.observe(seen)).toBe(true);
    expect(clock.now()).toBe(seen);
    expect(clock.next()).toBe(seen + 1);
    expect(clock.observe(5)).toBe(true);
    expect(clock.now()).toBe(seen + 1);
  });

  it('refuses a stamp beyond the drift and stays as it was', () => {
    const { wall, clock } = clockAt(startMs);
    const before = clock.next();
    const tooFar = stampAt(startMs + driftMs + 1);
    expect(clock.accepts(tooFar)).toBe(false);
    expect(clock.observe(tooFar)).toBe(false);
    expect(clock.observe(Number.MAX_SAFE_INTEGER)).toBe(false);
    expect(clock.observe(NaN)).toBe(false);
    expect(clock.now()).toBe(before);
    wall.ms += 1;
    expect(clock.observe(tooFar)).toBe(true);
  });

  it('clips what a client says instead of refusing it', () => {
    const { clock } = clockAt(startMs);
    clock.observeClipped(stampAt(startMs + 500), startMs + 1000);
    expect(clock.now()).toBe(stampAt(startMs + 500));
    clock.observeClipped(Number.MAX_SAFE_INTEGER, startMs + 1000);
    expect(clock.now()).toBe(stampAt(startMs + 1000));
    clock.observeClipped(Number.MAX_SAFE_INTEGER, startMs + 10);
    expect(clock.now()).toBe(stampAt(startMs + 1000));
  });

  it('never runs backwards, makes each stamp once, and stays after all that it took, whatever happens', () => {
    const offset = fc.integer({ min: -2 * driftMs, max: 2 * driftMs });
    const step = fc.oneof(
      fc.record({ do: fc.constant('next' as const), ms: offset }),
      fc.record({ do: fc.constant('now' as const), ms: offset }),
      fc.record({ do: fc.constantFrom('wall', 'observe', 'clip'), ms: offset }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const { wall, clock } = clockAt(startMs);
        const made = new Set<number>();
        let highest = 0;
        for (const { do: action, ms } of steps) {
          const stamp = stampAt(startMs + ms);
          if (action === 'wall') wall.ms = startMs + ms;
          if (action === 'clip') clock.observeClipped(stamp, wall.ms + 1000);
          if (action === 'observe') {
            const accepted = clock.observe(stamp);
            expect(accepted).toBe(startMs + ms <= wall.ms + driftMs);
            if (accepted) highest = Math.max(highest, stamp);
          }
          if (action === 'next') {
            const next = clock.next();
            expect(next).toBeGreaterThan(highest);
            expect(made.has(next)).toBe(false);
            expect(Number.isSafeInteger(next)).toBe(true);
            made.add(next);
          }
          const now = clock.now();
          expect(now).toBeGreaterThanOrEqual(Math.max(highest, stampAt(wall.ms)));
          highest = now;
        }
      }),
    );
  });

  it('begins anew at the wall clock after a restart', () => {
    const { wall, clock } = clockAt(startMs + 3_600_000);
    clock.next();
    wall.ms = startMs;
    expect(stampWallMs(clock.now())).toBe(startMs + 3_600_000);
    clock.restart();
    expect(clock.next()).toBe(stampAt(startMs));
  });
});
