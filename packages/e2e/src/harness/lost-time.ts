/** How often it is looked. */
const everyMs = 20;

/**
 * Time in which this machine had something else to do than to run a test that wanted to run. The nodes of the test, which
 * are children of it, fare no better: what they promise within so many ms takes that much longer.
 */
export class LostTime {
  #lostMs = 0;
  #dueMs = performance.now() + everyMs;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      this.#lostMs += Math.max(0, nowMs - this.#dueMs);
      this.#dueMs = nowMs + everyMs;
    }, everyMs);
  }

  /** Ends it. Answers how much longer several processes, one waiting for the other, may take. */
  end(): number {
    clearInterval(this.#timer);
    return 3 * this.#lostMs;
  }
}
