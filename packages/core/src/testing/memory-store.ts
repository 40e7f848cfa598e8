import type { RegistryRecord } from '../models/record.js';
import { withVersion } from '../models/record.js';
import type { RecordStore, Scheduler, StoreCommit, StoredState, StoreNotes } from '../traits/runtime.js';
import { delay } from '../turn.js';

/**
 * A disk in memory. It outlives a node: the next one that is given the same store finds the records there. What is
 * written goes through JSON, so that nothing is shared with the node that wrote it.
 */
export class MemoryStore implements RecordStore {
  readonly #texts = new Map<string, string>();
  #notes: string | undefined;
  #error: Error | undefined;
  #slow: { readonly delayMs: number; readonly scheduler: Scheduler } | undefined;
  #closed = false;
  #commits = 0;

  /** Commits that succeeded. */
  get commits(): number {
    return this.#commits;
  }

  /** What a node would find now. */
  get records(): readonly RegistryRecord[] {
    return [...this.#texts.values()].map(recordIn);
  }

  /** When the last node on this store ran, as far as it was committed. */
  get notes(): StoreNotes | undefined {
    return this.#notes === undefined ? undefined : (JSON.parse(this.#notes) as StoreNotes);
  }

  /** What a node would find now under a canonical key. */
  get(key: string): RegistryRecord | undefined {
    const text = this.#texts.get(key);
    return text === undefined ? undefined : recordIn(text);
  }

  /** A disk with the same content, as a backup has it. */
  copy(): MemoryStore {
    const copy = new MemoryStore();
    for (const [key, text] of this.#texts) copy.#texts.set(key, text);
    copy.#notes = this.#notes;
    return copy;
  }

  /** Lets every commit fail from here on, also those under way; `undefined`: no more. */
  failWith(error: Error | undefined): void {
    this.#error = error;
  }

  /** Lets every commit take as long; `undefined`: no more. */
  slowDown(slow: { readonly delayMs: number; readonly scheduler: Scheduler } | undefined): void {
    this.#slow = slow;
  }

  /** Opens it again, too, after {@link close}. */
  async open(): Promise<StoredState> {
    this.#closed = false;
    return { records: this.records, notes: this.notes };
  }

  async commit({ put, forget, notes }: StoreCommit): Promise<void> {
    if (this.#closed) throw new Error('the store is closed');
    const texts = put.map((record) => [record.key, JSON.stringify(record)] as const);
    if (this.#slow !== undefined) await delay(this.#slow.scheduler, this.#slow.delayMs);
    if (this.#error !== undefined) throw this.#error;
    for (const [key, text] of texts) this.#texts.set(key, text);
    for (const key of forget) this.#texts.delete(key);
    if (notes !== undefined) this.#notes = JSON.stringify(notes);
    this.#commits += 1;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}

function recordIn(text: string): RegistryRecord {
  const fields = JSON.parse(text) as RegistryRecord;
  // Made anew: JSON has the fields of a record only.
  return withVersion(fields, fields.version);
}
