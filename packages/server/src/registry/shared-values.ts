/** Values of one generation: a few hundred kilobytes at most. */
const mostValues = 2048;

/**
 * Values that many records have alike, kept once. Bounded, and lets go of what nobody asks for: when so many new values
 * have come, those are forgotten that were not asked for since as many came the last time.
 */
export class SharedValues<Value> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  /** What was kept under that text, or else the value, which is kept from now on. */
  share(text: string, value: Value): Value {
    const young = this.#young.get(text);
    if (young !== undefined) return young;
    const kept = this.#old.get(text) ?? value;
    if (this.#young.size >= mostValues) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, kept);
    return kept;
  }
}
