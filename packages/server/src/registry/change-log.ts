import type { Change, ChangeFeed, ChangeListener } from '@artemis/core';

/**
 * The node's numbered changes: a ring of the latest ones, and the only bus of the node. Listeners are called in the
 * order in which they subscribed, in the turn of the change.
 */
export class ChangeLog implements ChangeFeed {
  readonly #logId: () => string;
  readonly #capacity: number;
  readonly #ring: Change[] = [];
  readonly #listeners: ChangeListener[] = [];
  #revision = 0;

  /**
   * @param logId node id and run id, which change when a new run begins
   * @param capacity how many changes are remembered
   */
  constructor(logId: string | (() => string), capacity = 10_000) {
    this.#logId = typeof logId === 'string' ? () => logId : logId;
    this.#capacity = capacity;
  }

  get logId(): string {
    return this.#logId();
  }

  get revision(): number {
    return this.#revision;
  }

  /** The revision that the next change has to carry. */
  get nextRevision(): number {
    return this.#revision + 1;
  }

  /** @param prepare sees the change before the listeners do */
  append(change: Change, prepare: (change: Change) => void): Change {
    if (change.revision !== this.nextRevision) throw new Error('a change out of turn');
    this.#revision = change.revision;
    this.#ring[(change.revision - 1) % this.#capacity] = change;
    prepare(change);
    for (const listener of this.#listeners) listener(change);
    return change;
  }

  since(revision: number): readonly Change[] | undefined {
    const missed = this.#revision - revision;
    if (revision < 0 || missed < 0 || missed > this.#ring.length) return undefined;
    const changes: Change[] = [];
    for (let next = revision + 1; next <= this.#revision; next += 1) {
      const change = this.#ring[(next - 1) % this.#capacity];
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }

  /** The latest changes of one key that are remembered, newest first. */
  latestOf(key: string, most: number): readonly Change[] {
    const found: Change[] = [];
    const oldest = Math.max(0, this.#revision - this.#ring.length);
    for (let revision = this.#revision; revision > oldest && found.length < most; revision -= 1) {
      const change = this.#ring[(revision - 1) % this.#capacity];
      if (change?.record.key === key) found.push(change);
    }
    return found;
  }

  subscribe(listener: ChangeListener): () => void {
    this.#listeners.push(listener);
    return () => {
      const index = this.#listeners.indexOf(listener);
      if (index >= 0) this.#listeners.splice(index, 1);
    };
  }
}
