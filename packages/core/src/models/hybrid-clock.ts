const counterSize = 1024;

/** The first stamp of a millisecond. */
export function stampAt(wallMs: number): number {
  return Math.trunc(wallMs) * counterSize;
}

/** The unix milliseconds of a stamp. */
export function stampWallMs(stamp: number): number {
  return Math.floor(stamp / counterSize);
}

/**
 * A hybrid logical clock in one safe integer: it never runs backwards, stays close to wall time, and moves past
 * every stamp that it accepts, so that what is written after something was seen is also ordered after it.
 *
 * Source: Kulkarni et al., "Logical Physical Clocks", 2014. The counter has ten bits; a full one carries into the
 * next millisecond.
 */
export class HybridClock {
  readonly #wallMs: () => number;
  readonly #maxDriftMs: number;
  #last = 0;

  /**
   * @param wallMs the node's wall clock, unix ms
   * @param maxDriftMs how far in the future of this wall clock a peer's stamp may lie
   */
  constructor(wallMs: () => number, maxDriftMs: number) {
    this.#wallMs = wallMs;
    this.#maxDriftMs = maxDriftMs;
  }

  /** The newest stamp made or accepted, and never behind the wall clock. Reading it makes no stamp. */
  now(): number {
    this.#last = Math.max(this.#last, stampAt(this.#wallMs()));
    return this.#last;
  }

  /** Makes a stamp later than every one made or accepted before. */
  next(): number {
    this.#last = Math.max(this.#last + 1, stampAt(this.#wallMs()));
    return this.#last;
  }

  /** Whether a peer's stamp lies within the permitted drift. */
  accepts(stamp: number): boolean {
    return stampWallMs(stamp) <= this.#wallMs() + this.#maxDriftMs;
  }

  /** Moves past a peer's stamp. Answers `false`, and does nothing, when the stamp is too far in the future. */
  observe(stamp: number): boolean {
    if (!this.accepts(stamp)) return false;
    this.#last = Math.max(this.#last, stamp);
    return true;
  }

  /**
   * Forgets every stamp made and accepted so far. Only for the beginning of a new run, after the wall clock was wrong:
   * the new origin keeps what is stamped from here on apart from what was stamped before.
   */
  restart(): void {
    this.#last = 0;
  }

  /** Moves past a client's stamp, but never past `ceilingWallMs`: one hostile client must not push the node ahead. */
  observeClipped(stamp: number, ceilingWallMs: number): void {
    this.#last = Math.max(this.#last, Math.min(stamp, stampAt(ceilingWallMs)));
  }
}
