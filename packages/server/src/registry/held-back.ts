import type { AliveRecord, Change } from '@artemis/core';
import type { RegistryRepository } from './repository.js';

interface HeldBackOptions {
  readonly repository: RegistryRepository;
  /** The key is not donated from here on: it is left out of the digest. */
  readonly excluded: (key: string) => void;
  readonly included: (key: string) => void;
  /** The record is about to be taken out of the table, without a change. */
  readonly dropping: (record: AliveRecord) => void;
}

/**
 * Records from before an absence so long that others may have forgotten their removal. This node keeps them hidden and
 * gives them to nobody, until a peer or a heartbeat confirms them; those that nobody confirms within a lease are dropped.
 */
export class HeldBack {
  readonly #options: HeldBackOptions;
  readonly #keys = new Set<string>();

  constructor(options: HeldBackOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#keys.size;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Of a record that is in the table already, or is put there right afterwards. */
  hold(key: string): void {
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    this.#options.excluded(key);
    this.#options.repository.show(key, 'hidden');
  }

  /** Answers whether the key was held back. How it is shown from here on is the caller's to say. */
  confirm(key: string): boolean {
    if (!this.#keys.delete(key)) return false;
    this.#options.included(key);
    return true;
  }

  /** Nobody confirmed it. */
  drop(key: string): void {
    const { repository, dropping } = this.#options;
    const record = repository.get(key);
    if (record?.state === 'alive' && this.#keys.has(key) && repository.visibilityOf(key) === 'hidden') {
      dropping(record);
      repository.dropHidden(record);
    }
    this.confirm(key);
  }

  /** Listener of the change log, after that of the digest: whoever wrote the key anew knows what it is. */
  onChange({ record, origin }: Change): void {
    if (origin === 'local' || origin === 'peer') this.confirm(record.key);
  }
}
