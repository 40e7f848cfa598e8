/** Slots in one part of a column: few enough that nobody waits for a part to be made. */
export const partBits = 12;
export const partSlots = 1 << partBits;

/**
 * A whole number for each slot of a table, 0 at first. It grows part by part, so that nothing is ever copied, lies outside
 * of the heap that the garbage collector looks through, and takes four bytes for each slot.
 */
export class SlotColumn {
  readonly #parts: Int32Array[] = [];

  get(slot: number): number {
    const part = this.#parts[slot >>> partBits];
    return part === undefined ? 0 : (part[slot & (partSlots - 1)] as number);
  }

  set(slot: number, value: number): void {
    let part = this.#parts[slot >>> partBits];
    while (part === undefined) {
      this.#parts.push(new Int32Array(partSlots));
      part = this.#parts[slot >>> partBits];
    }
    part[slot & (partSlots - 1)] = value;
  }
}
