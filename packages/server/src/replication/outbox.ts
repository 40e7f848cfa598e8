/** A whole record waits, or only a renewal of its lease. */
export type OutboxKind = 'record' | 'renewal';

/** A key that waits, for one peer or for several. */
export interface OutboxItem {
  readonly key: string;
  /** Monotonic ms. */
  readonly sinceMs: number;
  /** Where its record was in the table when it was put, where that was known. */
  readonly slot?: number;
}

/**
 * What waits for one peer: keys, each once, the longest waiting first. The content is read from the table when it is
 * sent, so the newest state wins, and an instance that flaps a thousand times costs one entry. A record includes the
 * renewal of its lease.
 */
export class Outbox {
  readonly #limit: number;
  #records = new Map<string, OutboxItem>();
  #renewals = new Map<string, OutboxItem>();

  /** @param limit most keys that wait */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get records(): number {
    return this.#records.size;
  }

  get renewals(): number {
    return this.#renewals.size;
  }

  get size(): number {
    return this.#records.size + this.#renewals.size;
  }

  /** Since when the oldest renewal waits, monotonic ms. */
  get oldestRenewalMs(): number | undefined {
    return firstOf(this.#renewals);
  }

  /** Since when anything waits, monotonic ms. */
  get oldestMs(): number | undefined {
    const record = firstOf(this.#records);
    const renewal = firstOf(this.#renewals);
    return record === undefined || renewal === undefined ? (record ?? renewal) : Math.min(record, renewal);
  }

  /** @returns whether it fits; when it does not the outbox is empty afterwards and the peer has missed changes */
  put(item: OutboxItem, kind: OutboxKind): boolean {
    const { key } = item;
    if (kind === 'record') {
      const renewal = this.#renewals.get(key);
      this.#renewals.delete(key);
      if (!this.#records.has(key)) this.#records.set(key, renewal ?? item);
    } else if (!this.#records.has(key) && !this.#renewals.has(key)) {
      this.#renewals.set(key, item);
    }
    return this.#fits();
  }

  /** Drops what has waited since before that time, monotonic ms. */
  dropOlder(thanMs: number): void {
    this.#records = notOlder(this.#records, thanMs);
    this.#renewals = notOlder(this.#renewals, thanMs);
  }

  dropRenewal(key: string): void {
    this.#renewals.delete(key);
  }

  /** Takes the keys out that wait longest. */
  take(kind: OutboxKind, most: number): OutboxItem[] {
    const waiting = kind === 'record' ? this.#records : this.#renewals;
    const taken: OutboxItem[] = [];
    for (const item of waiting.values()) {
      if (taken.length === most) break;
      taken.push(item);
    }
    if (taken.length < waiting.size) for (const { key } of taken) waiting.delete(key);
    else this.#empty(kind);
    return taken;
  }

  /** Puts keys that could not be delivered back to the front. What came since then for the same key includes them. */
  giveBack(kind: OutboxKind, items: readonly OutboxItem[]): boolean {
    const returned = new Map(items.map((item) => [item.key, item]));
    if (kind === 'record') {
      for (const key of returned.keys()) this.#renewals.delete(key);
      this.#records = new Map([...returned, ...[...this.#records].filter(([key]) => !returned.has(key))]);
    } else {
      for (const key of this.#records.keys()) returned.delete(key);
      this.#renewals = new Map([...returned, ...[...this.#renewals].filter(([key]) => !returned.has(key))]);
    }
    return this.#fits();
  }

  clear(): void {
    this.#empty('record');
    this.#empty('renewal');
  }

  /** With a new map: tables of one that is filled and emptied for ever would keep each other alive, see `Bag`. */
  #empty(kind: OutboxKind): void {
    if (kind === 'record') this.#records = new Map();
    else this.#renewals = new Map();
  }

  #fits(): boolean {
    if (this.size <= this.#limit) return true;
    this.clear();
    return false;
  }
}

function firstOf(waiting: ReadonlyMap<string, OutboxItem>): number | undefined {
  for (const { sinceMs } of waiting.values()) return sinceMs;
  return undefined;
}

/** Made anew: to take a hundred thousand keys out of a map one by one takes a tenth of a second. */
function notOlder(waiting: ReadonlyMap<string, OutboxItem>, thanMs: number): Map<string, OutboxItem> {
  const kept = new Map<string, OutboxItem>();
  waiting.forEach((item, key) => {
    if (item.sinceMs >= thanMs) kept.set(key, item);
  });
  return kept;
}
