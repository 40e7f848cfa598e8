import type { Cancel } from '../traits/runtime.js';

/** Which comes first when a process goes on: the timers that fell due meanwhile, or what arrived from outside. */
export type CatchUp = 'timers-first' | 'messages-first';

/**
 * The process of a simulated node, through which pass the timers that fall due and the messages that arrive.
 *
 * ```
 *             pause            kill
 *   running <-------> paused --------> dead <--kill-- running
 *             resume
 * ```
 *
 * A paused one, as after SIGSTOP, keeps everything until it goes on, and then does all of it at once. A dead one, as
 * after SIGKILL, does nothing any more.
 */
export class SimProcess {
  readonly #later: (task: () => void) => void;
  #state: 'running' | 'paused' | 'dead' = 'running';
  #heldTimers: (() => void)[] = [];
  #heldMessages: (() => void)[] = [];
  #order: CatchUp = 'timers-first';
  readonly #killed = new Set<() => void>();

  /** @param later runs a task at the same instant, after what is due already */
  constructor(later: (task: () => void) => void) {
    this.#later = later;
  }

  get state(): 'running' | 'paused' | 'dead' {
    return this.#state;
  }

  /** A timer of the process has fallen due. */
  timer(task: () => void): void {
    this.#run(task, this.#heldTimers);
  }

  /** A request or an answer has arrived. */
  message(task: () => void): void {
    this.#run(task, this.#heldMessages);
  }

  /** Holds everything up; does nothing unless it runs. */
  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  /** Goes on; does nothing unless it is paused. */
  resume(order: CatchUp = 'timers-first'): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    this.#order = order;
    if (this.#holds) this.#later(() => this.#catchUp());
  }

  /** Ends it at once; nothing that it had planned or was sent happens any more. */
  kill(): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.#heldTimers = [];
    this.#heldMessages = [];
    for (const listener of this.#killed) listener();
    this.#killed.clear();
  }

  /** Calls `listener` when it is killed, unless that is taken back. */
  onKill(listener: () => void): Cancel {
    this.#killed.add(listener);
    return () => void this.#killed.delete(listener);
  }

  get #holds(): boolean {
    return this.#heldTimers.length > 0 || this.#heldMessages.length > 0;
  }

  #run(task: () => void, held: (() => void)[]): void {
    if (this.#state === 'dead') return;
    // What comes while it is catching up waits its turn.
    if (this.#state === 'paused' || this.#holds) held.push(task);
    else task();
  }

  #catchUp(): void {
    if (this.#state !== 'running') return;
    const [first, then] =
      this.#order === 'timers-first'
        ? [this.#heldTimers, this.#heldMessages]
        : [this.#heldMessages, this.#heldTimers];
    const task = first.shift() ?? then.shift();
    if (this.#holds) this.#later(() => this.#catchUp());
    task?.();
  }
}
