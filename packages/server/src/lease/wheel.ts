/** The items of one slot of the wheel. There may be a million of them, of four bytes each. */
class Items {
  #items = new Int32Array(4);
  #count = 0;

  add(item: number): void {
    if (this.#count === this.#items.length) {
      const larger = new Int32Array(2 * this.#count);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.#count] = item;
    this.#count += 1;
  }

  all(): Int32Array {
    return this.#items.subarray(0, this.#count);
  }
}

/** What falls due within one quarter of a second. */
export interface DueSlot {
  readonly slot: number;
  readonly items: Int32Array;
}

/**
 * A timing wheel of unbounded reach: items, which are small numbers, by the quarter of a second in which they fall due.
 * Adding costs the same however many there are, and nothing is moved when a deadline is put off: the item turns up at
 * its old time, and whoever takes it looks whether it is really due.
 *
 * Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987.
 */
export class TimingWheel {
  readonly #slots = new Map<number, Items>();
  readonly #slotMs: number;
  #taken: number;

  constructor(nowMs: number, slotMs = 250) {
    this.#slotMs = slotMs;
    this.#taken = Math.floor(nowMs / slotMs);
  }

  /** Plans the item and answers its slot, which is never one that was taken already, nor 0. */
  add(item: number, deadlineMs: number): number {
    const slot = this.slotOf(deadlineMs);
    let items = this.#slots.get(slot);
    if (items === undefined) {
      items = new Items();
      this.#slots.set(slot, items);
    }
    items.add(item);
    return slot;
  }

  /** The slot that ends at or just after the deadline. */
  slotOf(deadlineMs: number): number {
    return Math.max(Math.ceil(deadlineMs / this.#slotMs), this.#taken + 1);
  }

  /** Takes the next slot that has passed, `undefined` when none has. */
  take(nowMs: number): DueSlot | undefined {
    const current = Math.floor(nowMs / this.#slotMs);
    while (this.#taken < current) {
      this.#taken += 1;
      const items = this.#slots.get(this.#taken);
      if (items === undefined) continue;
      this.#slots.delete(this.#taken);
      return { slot: this.#taken, items: items.all() };
    }
    return undefined;
  }
}
