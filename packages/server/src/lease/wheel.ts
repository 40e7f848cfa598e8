/**
 * A timing wheel of unbounded reach: keys by the quarter of a second in which they fall due. Adding costs the same
 * however many keys there are, and nothing is moved when a deadline is put off: the key turns up at its old time, and
 * whoever takes it looks whether it is really due.
 *
 * Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987.
 */
export class TimingWheel {
  readonly #slots = new Map<number, string[]>();
  readonly #slotMs: number;
  #taken: number;

  constructor(nowMs: number, slotMs = 250) {
    this.#slotMs = slotMs;
    this.#taken = Math.floor(nowMs / slotMs);
  }

  /** Plans the key and answers its slot, which is never one that was taken already. */
  add(key: string, deadlineMs: number): number {
    const slot = this.slotOf(deadlineMs);
    const keys = this.#slots.get(slot);
    if (keys === undefined) this.#slots.set(slot, [key]);
    else keys.push(key);
    return slot;
  }

  /** The slot that ends at or just after the deadline. */
  slotOf(deadlineMs: number): number {
    return Math.max(Math.ceil(deadlineMs / this.#slotMs), this.#taken + 1);
  }

  /** Takes the next slot that has passed, `undefined` when none has. */
  take(nowMs: number): { slot: number; keys: readonly string[] } | undefined {
    const current = Math.floor(nowMs / this.#slotMs);
    while (this.#taken < current) {
      this.#taken += 1;
      const keys = this.#slots.get(this.#taken);
      if (keys === undefined) continue;
      this.#slots.delete(this.#taken);
      return { slot: this.#taken, keys };
    }
    return undefined;
  }
}
