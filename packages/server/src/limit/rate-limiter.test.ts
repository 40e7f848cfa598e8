import { describe, expect, it } from '@jest/globals';
import type { Clock } from '@artemis/core';
import fc from 'fast-check';
import { TokenBucketLimiter } from './rate-limiter.js';

class TestClock implements Clock {
  nowMs = 1000;
  monotonicMs(): number {
    return this.nowMs;
  }
  wallMs(): number {
    return this.nowMs;
  }
}

function limiter(options: { requestsPerSecond: number; burstSize: number; maxAddresses?: number }) {
  const clock = new TestClock();
  return { clock, limiter: new TokenBucketLimiter({ enabled: true, ...options }, clock) };
}

function takeMany(limited: TokenBucketLimiter, count: number, address: string): number {
  let granted = 0;
  for (let n = 0; n < count; n += 1) if (limited.take(address).allowed) granted += 1;
  return granted;
}

describe('TokenBucketLimiter', () => {
  it('takes other limits while it works, and forgets nothing', () => {
    const { clock, limiter: limited } = limiter({ requestsPerSecond: 1, burstSize: 2 });
    expect(takeMany(limited, 5, '192.0.2.1')).toBe(2);
    limited.configure({ enabled: true, requestsPerSecond: 10, burstSize: 3 });
    expect(limited.take('192.0.2.1')).toEqual({ allowed: false, retryAfterMs: 100 });
    expect(takeMany(limited, 5, '192.0.2.2')).toBe(3);
    clock.nowMs += 1000;
    expect(takeMany(limited, 5, '192.0.2.1')).toBe(3);
    limited.configure({ enabled: false, requestsPerSecond: 10, burstSize: 3 });
    expect(takeMany(limited, 5, '192.0.2.1')).toBe(5);
  });

  it('lets a burst through, then the rate', () => {
    const { clock, limiter: limited } = limiter({ requestsPerSecond: 10, burstSize: 5 });
    expect(takeMany(limited, 8, '192.0.2.1')).toBe(5);
    clock.nowMs += 300;
    expect(takeMany(limited, 8, '192.0.2.1')).toBe(3);
    clock.nowMs += 60_000;
    expect(takeMany(limited, 8, '192.0.2.1')).toBe(5);
  });

  it('says to the microsecond when to come back', () => {
    const { clock, limiter: limited } = limiter({ requestsPerSecond: 3, burstSize: 1 });
    expect(limited.take('192.0.2.1')).toEqual({ allowed: true, retryAfterMs: 0 });
    expect(limited.take('192.0.2.1')).toEqual({ allowed: false, retryAfterMs: 333.334 });
    clock.nowMs += 100;
    expect(limited.take('192.0.2.1')).toEqual({ allowed: false, retryAfterMs: 233.334 });
    clock.nowMs += 233.333;
    expect(limited.take('192.0.2.1').allowed).toBe(false);
    clock.nowMs += 0.001;
    expect(limited.take('192.0.2.1').allowed).toBe(true);
  });

  it('counts each address for itself, and a network of IPv6 as one', () => {
    const { limiter: limited } = limiter({ requestsPerSecond: 1, burstSize: 1 });
    expect(limited.take('192.0.2.1').allowed).toBe(true);
    expect(limited.take('192.0.2.2').allowed).toBe(true);
    expect(limited.take('::ffff:192.0.2.1').allowed).toBe(false);
    expect(limited.take('2001:db8::1').allowed).toBe(true);
    expect(limited.take('2001:db8::2').allowed).toBe(false);
    expect(limited.take('2001:db8:0:1::1').allowed).toBe(true);
  });

  it('lets everything through when it is switched off', () => {
    const options = { enabled: false, requestsPerSecond: 1, burstSize: 1 };
    const limited = new TokenBucketLimiter(options, new TestClock());
    expect(takeMany(limited, 100, '192.0.2.1')).toBe(100);
    expect(limited.addresses).toBe(0);
  });

  it('forgets the addresses whose buckets are full again', () => {
    const { clock, limiter: limited } = limiter({ requestsPerSecond: 10, burstSize: 10 });
    for (let n = 0; n < 100; n += 1) limited.take(`192.0.2.${n}`);
    expect(limited.addresses).toBe(100);
    clock.nowMs += 100;
    for (let n = 0; n < 100; n += 1) limited.take(`198.51.100.${n}`);
    expect(limited.addresses).toBe(100);
    clock.nowMs += 100;
    takeMany(limited, 200, '203.0.113.1');
    for (let n = 0; n < 100; n += 1) limited.take(`203.0.113.${n}`);
    expect(limited.take('203.0.113.1').allowed).toBe(false);
  });

  it('remembers no more addresses than permitted: those heard of last', () => {
    const { limiter: limited } = limiter({ requestsPerSecond: 1, burstSize: 2, maxAddresses: 3 });
    const takeBoth = (address: string) => takeMany(limited, 2, address);
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) expect(takeBoth(address)).toBe(2);
    expect(limited.take('192.0.2.1').allowed).toBe(false);
    expect(takeBoth('192.0.2.4')).toBe(2);
    expect(limited.addresses).toBe(3);
    expect(limited.take('192.0.2.1').allowed).toBe(false);
    expect(limited.take('192.0.2.2').allowed).toBe(true);
  });

  it('never grants more than burst + rate x time, and whoever waits as told is let through', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.array(fc.tuple(fc.nat({ max: 3_000_000 }), fc.integer({ min: 1, max: 50 })), { maxLength: 40 }),
        (requestsPerSecond, burstSize, waits) => {
          const { clock, limiter: limited } = limiter({ requestsPerSecond, burstSize });
          let elapsedUs = 0;
          const wait = (us: number): void => {
            elapsedUs += us;
            clock.nowMs = 1000 + elapsedUs / 1000;
          };
          let granted = 0;
          for (const [us, requests] of waits) {
            wait(us);
            granted += takeMany(limited, requests, '192.0.2.1');
            expect(granted).toBeLessThanOrEqual(burstSize + (requestsPerSecond * elapsedUs) / 1e6);
          }
          takeMany(limited, burstSize, '192.0.2.1');
          const { allowed, retryAfterMs } = limited.take('192.0.2.1');
          expect(allowed).toBe(false);
          const waitUs = Math.round(retryAfterMs * 1000);
          wait(waitUs - 1);
          expect(limited.take('192.0.2.1').allowed).toBe(false);
          wait(1);
          expect(limited.take('192.0.2.1').allowed).toBe(true);
        },
      ),
    );
  });
});
