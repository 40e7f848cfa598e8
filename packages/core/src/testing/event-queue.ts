/** A task that waits for its time. */
export interface SimEvent {
  readonly dueMs: number;
  /** Orders events of the same time: first planned, first run. */
  readonly sequence: number;
  /** `undefined` once it was cancelled: it stays in the queue and is skipped. */
  task: (() => void) | undefined;
}

/** Events by time: a binary heap. */
export class EventQueue {
  readonly #heap: SimEvent[] = [];

  /** Time of the next event that was not cancelled. */
  nextDueMs(): number | undefined {
    while (this.#heap[0] !== undefined && this.#heap[0].task === undefined) this.#removeFirst();
    return this.#heap[0]?.dueMs;
  }

  push(event: SimEvent): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || isBefore(parent, event)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = event;
  }

  /** Takes the next event that was not cancelled. */
  pop(): SimEvent | undefined {
    return this.nextDueMs() === undefined ? undefined : this.#removeFirst();
  }

  #removeFirst(): SimEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || last === first) return first;
    let index = 0;
    for (;;) {
      const childIndex = this.#smallerChild(index);
      const child = heap[childIndex];
      if (child === undefined || isBefore(last, child)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
    return first;
  }

  #smallerChild(index: number): number {
    const left = 2 * index + 1;
    const [a, b] = [this.#heap[left], this.#heap[left + 1]];
    return a !== undefined && b !== undefined && isBefore(b, a) ? left + 1 : left;
  }
}

function isBefore(a: SimEvent, b: SimEvent): boolean {
  return a.dueMs === b.dueMs ? a.sequence < b.sequence : a.dueMs < b.dueMs;
}
