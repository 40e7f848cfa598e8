import type { Cancel, Change, Clock, RegistryRecord, Scheduler } from '@artemis/core';
import type { RegistryRepository } from './repository.js';

/** Tombstones dropped in one turn: more would hold up requests. */
const perTurn = 500;

interface TombstoneOptions {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly repository: RegistryRepository;
  readonly retentionMs: number;
  readonly sweepIntervalMs: number;
  /** The table holds nothing under the key any more. */
  readonly forgotten: (key: string) => void;
}

/** Drops each tombstone once it has been kept here for the retention, never earlier. */
export class TombstoneSweeper {
  readonly #options: TombstoneOptions;
  /** In the order of writing, which is the order of falling due. */
  #written: { readonly tombstone: RegistryRecord; readonly atMs: number }[] = [];
  #swept = 0;
  #cancels: Cancel[] = [];

  constructor(options: TombstoneOptions) {
    this.#options = options;
  }

  start(): void {
    const { scheduler, sweepIntervalMs } = this.#options;
    this.#cancels.push(scheduler.every(sweepIntervalMs, () => this.#sweep()));
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
  }

  /** Listener of the change log. */
  onChange({ record }: Change): void {
    if (record.state === 'removed') {
      this.#written.push({ tombstone: record, atMs: this.#options.clock.monotonicMs() });
    }
  }

  #sweep(): void {
    const { clock, repository, retentionMs, scheduler, forgotten } = this.#options;
    const due = clock.monotonicMs() - retentionMs;
    const end = Math.min(this.#written.length, this.#swept + perTurn);
    for (; this.#swept < end; this.#swept += 1) {
      const entry = this.#written[this.#swept];
      if (entry === undefined || entry.atMs > due) break;
      if (repository.forget(entry.tombstone)) forgotten(entry.tombstone.key);
    }
    const more = this.#swept === end && end < this.#written.length;
    if (!more) {
      this.#written = this.#written.slice(this.#swept);
      this.#swept = 0;
      return;
    }
    this.#cancels[1]?.();
    this.#cancels[1] = scheduler.soon(() => this.#sweep());
  }
}
