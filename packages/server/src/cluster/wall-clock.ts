import type { Clock, Logger } from '@artemis/core';

const readAgainMs = 60_000;
/** A difference up to this is the clock being kept right; a larger one is a jump. */
const littleMs = 500;

/**
 * Wall time for stamps: read at start, advanced by the monotonic clock, and read again each minute when it differs by
 * little. A jump is logged, counted, and ignored: it must not push the node's stamps ahead or back.
 */
export class SteadyWallClock {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #jumped: () => void;
  #read: { readonly wallMs: number; readonly monotonicMs: number };
  #checkedMs: number;

  constructor(clock: Clock, logger: Logger, jumped: () => void) {
    this.#clock = clock;
    this.#logger = logger;
    this.#jumped = jumped;
    this.#read = { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
    this.#checkedMs = this.#read.monotonicMs;
  }

  /** Unix ms. */
  wallMs(): number {
    const now = this.#clock.monotonicMs();
    if (now - this.#checkedMs >= readAgainMs) this.#readAgain(now);
    return Math.trunc(this.#read.wallMs + (now - this.#read.monotonicMs));
  }

  /** Takes whatever the wall clock shows, for a node whose clock is known to be wrong. */
  readNow(): void {
    this.#checkedMs = this.#clock.monotonicMs();
    this.#read = { wallMs: this.#clock.wallMs(), monotonicMs: this.#checkedMs };
  }

  #readAgain(monotonicMs: number): void {
    this.#checkedMs = monotonicMs;
    const wallMs = this.#clock.wallMs();
    const jumpMs = Math.round(wallMs - (this.#read.wallMs + (monotonicMs - this.#read.monotonicMs)));
    if (Math.abs(jumpMs) <= littleMs) {
      this.#read = { wallMs, monotonicMs };
      return;
    }
    this.#jumped();
    this.#logger.warn('The wall clock jumped: its new time is not used for stamps', { jump_ms: jumpMs });
  }
}
