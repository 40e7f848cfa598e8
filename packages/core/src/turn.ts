import type { Scheduler } from './traits/runtime.js';

/** Resolves in a later turn: between two slices of long work, everything else gets its turn. */
export function nextTurn(scheduler: Pick<Scheduler, 'soon'>): Promise<void> {
  return new Promise((resolve) => {
    scheduler.soon(resolve);
  });
}

/** How much more may be done in this turn, of work that comes in parts of any size. */
export class TurnBudget {
  readonly #most: number;
  #left: number;

  constructor(most: number) {
    this.#most = most;
    this.#left = most;
  }

  /** Answers whether the turn has to end before more is done. */
  spend(work: number): boolean {
    this.#left -= work;
    if (this.#left > 0) return false;
    this.#left = this.#most;
    return true;
  }
}
