import type { Change, Clock } from '@artemis/core';

/** Keys that are remembered: under more changes than this, the oldest of them count as settled too early. */
const remembered = 20_000;

/** Keys that changed here a moment ago: what peers may not have been told yet. */
export class RecentChanges {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #settleMs: number;
  /** In the order of their latest change, with its monotonic ms. */
  readonly #changed = new Map<string, number>();

  /** @param settleMs how long a change counts as recent */
  constructor(clock: Pick<Clock, 'monotonicMs'>, settleMs: number) {
    this.#clock = clock;
    this.#settleMs = settleMs;
  }

  /** Listener of the change log. */
  onChange({ record: { key }, origin }: Change): void {
    if (origin === 'recovery' || origin === 'view') return;
    this.#changed.delete(key);
    this.#changed.set(key, this.#clock.monotonicMs());
    this.#forget();
  }

  has(key: string): boolean {
    const changedMs = this.#changed.get(key);
    return changedMs !== undefined && changedMs > this.#clock.monotonicMs() - this.#settleMs;
  }

  #forget(): void {
    const settledMs = this.#clock.monotonicMs() - this.#settleMs;
    for (const [key, changedMs] of this.#changed) {
      if (changedMs > settledMs && this.#changed.size <= remembered) return;
      this.#changed.delete(key);
    }
  }
}
