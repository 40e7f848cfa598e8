import type { Clock, RateDecision, RateLimiter } from '@artemis/core';
import { clientKeyOf } from './client-key.js';

export interface TokenBucketOptions {
  readonly enabled: boolean;
  /** Requests per second that an address may send in the long run. */
  readonly requestsPerSecond: number;
  /** Requests that an address may send at once after a pause. */
  readonly burstSize: number;
  /** Addresses that are remembered at once. Default 10 000. */
  readonly maxAddresses?: number;
}

interface Bucket {
  /** In millionths of a request: with whole microseconds, nothing is ever rounded. */
  credit: number;
  /** When `credit` was right, monotonic microseconds. */
  atUs: number;
}

const requestCost = 1_000_000;
const allowed: RateDecision = { allowed: true, retryAfterMs: 0 };

/**
 * A bucket of tokens for each client address, filled when it is looked at. A full bucket is the same as none, so that
 * only addresses that were heard of lately are remembered.
 */
export class TokenBucketLimiter implements RateLimiter {
  readonly #clock: Clock;
  #enabled: boolean;
  /** Credit per microsecond: as many millionths as the requests of a second. */
  #rate: number;
  #capacity: number;
  readonly #maxAddresses: number;
  /** Ordered by last use, the longest unused first. */
  readonly #buckets = new Map<string, Bucket>();
  /** The last of them. */
  #latest: string | undefined;

  constructor(options: TokenBucketOptions, clock: Clock) {
    this.#clock = clock;
    this.#enabled = options.enabled;
    this.#rate = options.requestsPerSecond;
    this.#capacity = options.burstSize * requestCost;
    this.#maxAddresses = options.maxAddresses ?? 10_000;
  }

  /** Other limits from here on; what an address has used up stays used up. */
  configure({ enabled, requestsPerSecond, burstSize }: TokenBucketOptions): void {
    this.#enabled = enabled;
    this.#rate = requestsPerSecond;
    this.#capacity = burstSize * requestCost;
  }

  take(clientAddress: string): RateDecision {
    if (!this.#enabled) return allowed;
    const nowUs = Math.round(this.#clock.monotonicMs() * 1000);
    const key = clientKeyOf(clientAddress);
    const credit = this.#creditOf(this.#buckets.get(key), nowUs);
    const granted = credit >= requestCost;
    this.#remember(key, { credit: granted ? credit - requestCost : credit, atUs: nowUs });
    if (granted) return allowed;
    return { allowed: false, retryAfterMs: Math.ceil((requestCost - credit) / this.#rate) / 1000 };
  }

  /** How many addresses are remembered. */
  get addresses(): number {
    return this.#buckets.size;
  }

  #creditOf(bucket: Bucket | undefined, nowUs: number): number {
    if (bucket === undefined) return this.#capacity;
    return Math.min(this.#capacity, bucket.credit + (nowUs - bucket.atUs) * this.#rate);
  }

  #remember(key: string, bucket: Bucket): void {
    // Who was heard of last is at the end already. To be moved for each request would cost, see `Bag` of core.
    if (key !== this.#latest && !this.#buckets.delete(key)) this.#makeRoom(bucket.atUs);
    this.#buckets.set(key, bucket);
    this.#latest = key;
  }

  /**
   * For each address that comes, up to two that have become full again go. When there are too many all the same, the
   * longest unused goes: it is the nearest to full.
   */
  #makeRoom(nowUs: number): void {
    let looked = 0;
    for (const [key, bucket] of this.#buckets) {
      const full = this.#creditOf(bucket, nowUs) === this.#capacity;
      if (!full && this.#buckets.size < this.#maxAddresses) return;
      this.#buckets.delete(key);
      looked += 1;
      if (looked === 2) return;
    }
  }
}
