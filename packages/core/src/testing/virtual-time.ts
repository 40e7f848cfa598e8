import type { Cancel } from '../traits/runtime.js';
import { EventQueue, type SimEvent } from './event-queue.js';
import { macrotask } from './macrotask.js';
import { SimClock, SimScheduler, type SimClockOptions } from './sim-clock.js';
import { SimProcess } from './sim-process.js';

export interface VirtualTimeOptions {
  /** Wall time at the start, of a clock without skew. Default 2025-01-01T00:00:00Z. */
  readonly startWallMs?: number;
  /** More tasks than this at one instant mean that they plan each other for ever. Default 1 000 000. */
  readonly maxTasksPerInstant?: number;
}

/** What one node takes from the time that it shares with others. */
export interface NodeTime {
  readonly clock: SimClock;
  readonly scheduler: SimScheduler;
  readonly process: SimProcess;
}

/**
 * Time that moves only when it is told to, and jumps over idle stretches. It moves on to the next task only when
 * everything that the one before has set off has settled.
 *
 * Every method that moves time rejects with the error of a task that threw.
 */
export class VirtualTime {
  /** Wall time at the start, of a clock without skew. */
  readonly startWallMs: number;
  /** Of the world itself: without skew or drift. Networks use these. */
  readonly clock: SimClock;
  readonly scheduler: SimScheduler;
  readonly #maxTasksPerInstant: number;
  readonly #queue = new EventQueue();
  #nowMs = 0;
  #planned = 0;
  #eventsRun = 0;
  #moving = false;

  constructor({ startWallMs = 1_735_689_600_000, maxTasksPerInstant = 1_000_000 }: VirtualTimeOptions = {}) {
    this.startWallMs = startWallMs;
    this.#maxTasksPerInstant = maxTasksPerInstant;
    ({ clock: this.clock, scheduler: this.scheduler } = this.node());
  }

  /** Virtual milliseconds since the start. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Tasks run so far. */
  get eventsRun(): number {
    return this.#eventsRun;
  }

  /** A clock that can be wrong, a process that can be held up or killed, and a scheduler that goes by both. */
  node(options: SimClockOptions = {}): NodeTime {
    const clock = new SimClock(this, options);
    const process = new SimProcess((task) => this.plan(0, task));
    return { clock, process, scheduler: new SimScheduler(this, clock, process) };
  }

  /** Plans a task in `delayMs` of virtual time, at least 0. For schedulers. */
  plan(delayMs: number, task: () => void): Cancel {
    if (!Number.isFinite(delayMs)) throw new RangeError(`a task was planned in ${delayMs} ms`);
    const dueMs = this.#nowMs + Math.max(0, delayMs);
    const event: SimEvent = { dueMs, sequence: (this.#planned += 1), task };
    this.#queue.push(event);
    return () => {
      event.task = undefined;
    };
  }

  /** Runs what is due now and lets every promise settle; time stands still. */
  settle(): Promise<void> {
    return this.advance(0);
  }

  /** Moves time by `ms`, running what falls due on the way. */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`time cannot be moved by ${ms} ms`);
    const untilMs = this.#nowMs + ms;
    await this.#move(untilMs, () => false);
    this.#nowMs = untilMs;
  }

  /**
   * Moves time until `condition` holds, looking after every task.
   *
   * @param what names the condition in the error; default: its source
   * @returns the virtual milliseconds that it took
   * @throws Error when `limitMs` pass before it holds
   */
  async runUntil(
    condition: () => boolean,
    limitMs = 60_000,
    what: string = condition.toString(),
  ): Promise<number> {
    const startMs = this.#nowMs;
    if (await this.#move(startMs + limitMs, condition)) return this.#nowMs - startMs;
    this.#nowMs = startMs + limitMs;
    throw new Error(`not reached within ${limitMs} ms of virtual time: ${what}`);
  }

  /** Moves time until `promise` settles, and answers as it does. */
  async finish<T>(promise: Promise<T>, limitMs = 60_000): Promise<T> {
    let settled = false;
    const note = (): void => {
      settled = true;
    };
    promise.then(note, note);
    await this.runUntil(() => settled, limitMs, 'the end of the promise');
    return promise;
  }

  /** Answers whether `condition` held, and stops there, before time passed `untilMs`. */
  async #move(untilMs: number, condition: () => boolean): Promise<boolean> {
    if (this.#moving) throw new Error('time is being moved already: await the call before');
    this.#moving = true;
    try {
      await macrotask();
      let tasksNow = 0;
      while (!condition()) {
        const dueMs = this.#queue.nextDueMs();
        if (dueMs === undefined || dueMs > untilMs) return false;
        tasksNow = dueMs > this.#nowMs ? 1 : tasksNow + 1;
        if (tasksNow > this.#maxTasksPerInstant) {
          throw new Error(`time stands still at ${this.#nowMs} ms: ${tasksNow} tasks ran at this instant`);
        }
        this.#nowMs = dueMs;
        this.#eventsRun += 1;
        this.#queue.pop()?.task?.();
        await macrotask();
      }
      return true;
    } finally {
      this.#moving = false;
    }
  }
}
