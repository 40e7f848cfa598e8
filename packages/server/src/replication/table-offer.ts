/**
 * The whole table, tombstones too, offered to a peer that missed changes: keys in pages, as the table was when the
 * offer began. What changes later goes to the outbox by itself.
 */
export class TableOffer {
  readonly #keys: readonly string[];
  #next = 0;

  constructor(keys: Iterable<string>) {
    this.#keys = [...keys];
  }

  get finished(): boolean {
    return this.#next >= this.#keys.length;
  }

  page(size: number): readonly string[] {
    const page = this.#keys.slice(this.#next, this.#next + size);
    this.#next += page.length;
    return page;
  }
}
