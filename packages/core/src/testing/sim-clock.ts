import type { Cancel, Clock, Scheduler } from '../traits/runtime.js';
import type { SimProcess } from './sim-process.js';
import type { VirtualTime } from './virtual-time.js';

export interface SimClockOptions {
  /** How far the wall clock is ahead of the true one, in ms; negative: behind. Default 0. */
  readonly skewMs?: number;
  /** How fast the clock runs: 1.0001 gains 100 ms in 1 000 s. Default 1. */
  readonly rate?: number;
}

/** A node's clock: it can be off, drift, and jump. Its monotonic time starts at 0 when it is made. */
export class SimClock implements Clock {
  readonly #time: VirtualTime;
  #rate: number;
  /** Since when the present rate holds, in virtual time, and what the clock showed then. */
  #sinceMs: number;
  #monotonicMs = 0;
  #wallMs: number;

  constructor(time: VirtualTime, { skewMs = 0, rate = 1 }: SimClockOptions = {}) {
    this.#time = time;
    this.#sinceMs = time.nowMs;
    this.#wallMs = time.startWallMs + time.nowMs + skewMs;
    this.#rate = checkRate(rate);
  }

  get rate(): number {
    return this.#rate;
  }

  monotonicMs(): number {
    return this.#monotonicMs + this.#elapsedMs();
  }

  /** In whole milliseconds, as the real one. */
  wallMs(): number {
    return Math.floor(this.#wallMs + this.#elapsedMs());
  }

  /** Sets the wall clock forward, or back with a negative number. Monotonic time goes on as it was. */
  jump(ms: number): void {
    this.#wallMs += ms;
  }

  /** Sets how far the wall clock is off from here on. */
  setSkew(skewMs: number): void {
    this.#restart();
    this.#wallMs = this.#time.startWallMs + this.#time.nowMs + skewMs;
  }

  /** Sets how fast the clock runs from here on. Tasks that are planned already keep their time. */
  setRate(rate: number): void {
    this.#restart();
    this.#rate = checkRate(rate);
  }

  #elapsedMs(): number {
    return (this.#time.nowMs - this.#sinceMs) * this.#rate;
  }

  #restart(): void {
    const elapsedMs = this.#elapsedMs();
    this.#monotonicMs += elapsedMs;
    this.#wallMs += elapsedMs;
    this.#sinceMs = this.#time.nowMs;
  }
}

function checkRate(rate: number): number {
  if (!(rate > 0 && Number.isFinite(rate))) throw new RangeError(`a clock cannot run at a rate of ${rate}`);
  return rate;
}

const shortestMs = 0.001;

/** A node's timers, which go as fast as its clock, and stand still while its process does. */
export class SimScheduler implements Scheduler {
  readonly #time: VirtualTime;
  readonly #clock: SimClock;
  readonly #process: SimProcess;

  constructor(time: VirtualTime, clock: SimClock, process: SimProcess) {
    this.#time = time;
    this.#clock = clock;
    this.#process = process;
  }

  soon(task: () => void): Cancel {
    return this.after(0, task);
  }

  after(delayMs: number, task: () => void): Cancel {
    let taken = false;
    const run = (): void => {
      if (!taken) task();
    };
    // A timer takes time: one for less than a clock can tell apart would be planned again at the same instant for ever.
    const leastMs = delayMs > 0 ? shortestMs : 0;
    const waitMs = Math.max(leastMs, delayMs / this.#clock.rate);
    const cancel = this.#time.plan(waitMs, () => this.#process.timer(run));
    return () => {
      taken = true;
      cancel();
    };
  }

  every(intervalMs: number, task: () => void): Cancel {
    if (!(intervalMs > 0)) throw new RangeError(`a task was planned every ${intervalMs} ms`);
    // Planned anew before it runs, so that the task itself can end the series.
    const run = (): void => {
      cancel = this.after(intervalMs, run);
      task();
    };
    let cancel = this.after(intervalMs, run);
    return () => cancel();
  }
}
