import type { Cancel, Clock, Scheduler } from '@artemis/core';

/** One task that is to run: a later plan counts only when it is for an earlier time. */
export class PlannedTask {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #scheduler: Scheduler;
  #planned: { readonly cancel: Cancel; readonly atMs: number } | undefined;

  constructor(clock: Pick<Clock, 'monotonicMs'>, scheduler: Scheduler) {
    this.#clock = clock;
    this.#scheduler = scheduler;
  }

  in(delayMs: number, task: () => void): void {
    const atMs = this.#clock.monotonicMs() + delayMs;
    if (this.#planned !== undefined && this.#planned.atMs <= atMs) return;
    this.#planned?.cancel();
    const run = (): void => {
      this.#planned = undefined;
      task();
    };
    const cancel = delayMs <= 0 ? this.#scheduler.soon(run) : this.#scheduler.after(delayMs, run);
    this.#planned = { atMs, cancel };
  }

  cancel(): void {
    this.#planned?.cancel();
    this.#planned = undefined;
  }
}
