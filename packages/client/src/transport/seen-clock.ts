/**
 * The highest `X-Artemis-Clock` that any node answered. Sent along with writes, it orders what this client writes at one
 * node after what it wrote or saw at another, however their clocks differ.
 */
export class SeenClock {
  #highest = 0;

  /** As it is sent; `undefined` before any was seen. */
  get text(): string | undefined {
    return this.#highest === 0 ? undefined : String(this.#highest);
  }

  /** @param text anything that is no stamp is ignored */
  observe(text: string | null | undefined): void {
    const stamp = /^\d{1,16}$/.test(text ?? '') ? Number(text) : 0;
    if (Number.isSafeInteger(stamp)) this.#highest = Math.max(this.#highest, stamp);
  }
}
