import type { Cancel, Clock, Scheduler } from '@artemis/core';

const everyMs = 250;
/** A stall is remembered for so many measurements, so that it is still seen by who could not ask during it. */
const remembered = 20;

/** Event-loop lag: how late a task comes that is planned every quarter of a second. */
export class LoopLagGauge {
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  #lags: number[] = [];
  #dueMs = 0;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, scheduler: Scheduler) {
    this.#clock = clock;
    this.#scheduler = scheduler;
  }

  /** Of the latest measurement, ms. */
  get lagMs(): number {
    return this.#lags.at(-1) ?? 0;
  }

  /** Of the last five seconds, ms. */
  get highestMs(): number {
    return Math.max(0, ...this.#lags);
  }

  start(): void {
    this.#dueMs = this.#clock.monotonicMs() + everyMs;
    this.#cancel = this.#scheduler.every(everyMs, () => this.#measure());
  }

  stop(): void {
    this.#cancel?.();
  }

  #measure(): void {
    const now = this.#clock.monotonicMs();
    this.#lags = [...this.#lags.slice(1 - remembered), Math.max(0, now - this.#dueMs)];
    this.#dueMs = now + everyMs;
  }
}
