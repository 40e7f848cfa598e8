import type { InstanceChange } from '../discovered-instance.js';

/** Changes as they come, kept until they are asked for. */
export class ChangeIterator implements AsyncIterator<InstanceChange> {
  readonly #waiting: InstanceChange[] = [];
  readonly #asking: ((result: IteratorResult<InstanceChange>) => void)[] = [];
  readonly #ended: () => void;
  #isOver = false;

  /** @param ended told when nothing is wanted any more */
  constructor(ended: () => void) {
    this.#ended = ended;
  }

  push(change: InstanceChange): void {
    const ask = this.#asking.shift();
    if (ask === undefined) this.#waiting.push(change);
    else ask({ done: false, value: change });
  }

  /** What is kept can still be asked for. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended();
    for (const ask of this.#asking.splice(0)) ask({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<InstanceChange>> {
    const value = this.#waiting.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#asking.push(resolve);
    });
  }

  return(): Promise<IteratorResult<InstanceChange>> {
    this.#waiting.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }
}
