import type { Clock } from '@artemis/core';

const longestMs = 60_000;
/** Walks through a bucket that differs again and again before it is left alone for a while. */
const freeWalks = 3;

/**
 * With which buckets of a peer this node has patience left. A bucket that still differs after it was walked several
 * times cannot be made equal: the peer tells nonsense, or refuses what it is given. It is walked less and less often.
 */
export class Patience {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #firstMs: number;
  readonly #buckets = new Map<string, { walks: number; restUntilMs: number }>();

  /** @param firstMs how long a bucket rests when patience ends */
  constructor(clock: Pick<Clock, 'monotonicMs'>, firstMs: number) {
    this.#clock = clock;
    this.#firstMs = firstMs;
  }

  /** Forgets buckets that are equal. */
  seen(differ: ReadonlySet<string>): void {
    for (const bucket of this.#buckets.keys()) {
      if (!differ.has(bucket)) this.#buckets.delete(bucket);
    }
  }

  /** Which of the buckets that differ may be walked. */
  of(differ: ReadonlySet<string>): string[] {
    this.seen(differ);
    const now = this.#clock.monotonicMs();
    return [...differ].filter((bucket) => (this.#buckets.get(bucket)?.restUntilMs ?? -Infinity) <= now);
  }

  walked(buckets: Iterable<string>): void {
    for (const bucket of buckets) {
      const walks = (this.#buckets.get(bucket)?.walks ?? 0) + 1;
      const restMs = walks <= freeWalks ? 0 : Math.min(longestMs, this.#firstMs * 2 ** (walks - freeWalks));
      this.#buckets.set(bucket, { walks, restUntilMs: this.#clock.monotonicMs() + restMs });
    }
  }

  /** Leaves buckets alone for a minute. */
  rest(buckets: Iterable<string>): void {
    for (const bucket of buckets) {
      const walks = this.#buckets.get(bucket)?.walks ?? 0;
      this.#buckets.set(bucket, { walks, restUntilMs: this.#clock.monotonicMs() + longestMs });
    }
  }

  /** The peer started anew: all is forgotten. */
  clear(): void {
    this.#buckets.clear();
  }
}
