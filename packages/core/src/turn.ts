import type { Clock, Scheduler } from './traits/runtime.js';

/** Resolves in a later turn: between two slices of long work, everything else gets its turn. */
export function nextTurn(scheduler: Pick<Scheduler, 'soon'>): Promise<void> {
  return new Promise((resolve) => {
    scheduler.soon(resolve);
  });
}

/** Resolves after `delayMs`. */
export function delay(scheduler: Pick<Scheduler, 'after'>, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    scheduler.after(delayMs, resolve);
  });
}

/** How long a slice holds up everything else, ms: about as long as a request takes. */
const sliceMs = 0.4;

/**
 * Long work in slices, each in a turn of its own. A slice ends after so much work or so much time, whichever comes first:
 * the same work takes ten times as long on a busy machine, or in code that has not been compiled yet.
 */
export class Slices {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #scheduler: Pick<Scheduler, 'soon'>;
  readonly #most: number;
  #left = 0;
  #endMs = 0;

  /**
   * @param most work in a slice, in whatever `did` counts
   * @param before what this turn has had of it: a list that has just been parsed is as much work as it has items
   */
  constructor(
    { clock, scheduler }: { clock: Pick<Clock, 'monotonicMs'>; scheduler: Pick<Scheduler, 'soon'> },
    most: number,
    before = 0,
  ) {
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#most = most;
    this.#begin();
    this.did(before);
  }

  /** Whether the next piece of work belongs in a later turn. */
  get isOver(): boolean {
    return this.#left <= 0 || this.#clock.monotonicMs() >= this.#endMs;
  }

  /** So much was done. */
  did(work: number): void {
    this.#left -= work;
  }

  /** Does this with each of them, in as many slices as that takes. */
  async each<Item>(items: Iterable<Item>, task: (item: Item) => void): Promise<void> {
    for (const item of items) {
      if (this.isOver) await this.next();
      this.did(1);
      task(item);
    }
  }

  /** Begins the next slice, in a later turn. */
  async next(): Promise<void> {
    await nextTurn(this.#scheduler);
    this.#begin();
  }

  #begin(): void {
    this.#left = this.#most;
    this.#endMs = this.#clock.monotonicMs() + sliceMs;
  }
}
