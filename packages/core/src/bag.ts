interface Place<T> {
  readonly item: T;
  index: number;
}

/**
 * Items in no order that come and go all the time, such as calls under way.
 *
 * In place of a `Set`, for the garbage collector's sake: a set whose items change makes itself a new table every few
 * times, and V8 has each table point to the one that follows. Once a table has been promoted out of the young
 * generation, all that follow it, and whatever they hold, live on until the whole heap is collected.
 */
export class Bag<T> implements Iterable<T> {
  readonly #places: Place<T>[] = [];

  get size(): number {
    return this.#places.length;
  }

  /** Answers what takes the item out again, which tells whether it was still there. The same item may be added twice. */
  add(item: T): () => boolean {
    const place = { item, index: this.#places.length };
    this.#places.push(place);
    return () => this.#remove(place);
  }

  /** Those that are there now: they may go, and others come, meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return this.#places.map(({ item }) => item).values();
  }

  #remove(place: Place<T>): boolean {
    if (this.#places[place.index] !== place) return false;
    const last = this.#places.pop();
    if (last === undefined || last === place) return true;
    this.#places[place.index] = last;
    last.index = place.index;
    return true;
  }
}
