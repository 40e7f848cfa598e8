import type { Cancel, Change, Logger, RecordStore, RegistryRecord, Scheduler } from '@artemis/core';

/** How often a failed commit is tried again. */
const retryMs = 1000;

interface GroupCommitOptions {
  readonly store: RecordStore;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Called for each commit that fails. */
  readonly failed: () => void;
}

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/**
 * Writes changes to the node's store, many in one commit. While the store fails, the newest state of each key waits
 * here (never more than the table holds), writes are refused, and the commit is tried again each second.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #pending = new Map<string, RegistryRecord>();
  #waiters: Waiter[] = [];
  #planned: Cancel | undefined;
  #running: Promise<void> | undefined;
  #failure: string | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Why the store takes no writes, `undefined` when it does. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Listener of the change log. */
  onChange({ record, origin }: Change): void {
    if (origin === 'recovery' || origin === 'view') return;
    this.#pending.set(record.key, record);
    this.#plan();
  }

  /** Resolves when everything that changed before this call is in the store; rejects when the commit fails. */
  committed(): Promise<void> {
    if (this.#pending.size === 0 && this.#running === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Commits what waits, once. */
  async close(): Promise<void> {
    this.#planned?.();
    await this.#running;
    if (this.#pending.size > 0) await this.#commit();
    this.#planned?.();
  }

  #plan(): void {
    if (this.#planned !== undefined || this.#running !== undefined) return;
    this.#planned = this.#options.scheduler.soon(() => void this.#commit());
  }

  #commit(): Promise<void> {
    this.#planned = undefined;
    const records = [...this.#pending.values()];
    const waiters = this.#waiters;
    this.#pending.clear();
    this.#waiters = [];
    this.#running = this.#options.store.commit(records).then(
      () => this.#succeeded(waiters),
      (error: unknown) => this.#hasFailed(error, records, waiters),
    );
    return this.#running;
  }

  #succeeded(waiters: readonly Waiter[]): void {
    if (this.#failure !== undefined) this.#options.logger.info('The store takes writes again');
    this.#failure = undefined;
    this.#running = undefined;
    for (const waiter of waiters) waiter.resolve();
    if (this.#pending.size > 0) {
      this.#plan();
      return;
    }
    // Who began to wait during the commit, with nothing new since, waited for this very commit.
    const late = this.#waiters;
    this.#waiters = [];
    for (const waiter of late) waiter.resolve();
  }

  #hasFailed(cause: unknown, records: readonly RegistryRecord[], waiters: readonly Waiter[]): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (this.#failure === undefined) {
      this.#options.logger.error('The store fails: writes are refused until it recovers', { error: message });
    }
    this.#failure = message;
    this.#options.failed();
    this.#running = undefined;
    for (const record of records) {
      if (!this.#pending.has(record.key)) this.#pending.set(record.key, record);
    }
    const late = this.#waiters;
    this.#waiters = [];
    for (const waiter of [...waiters, ...late]) waiter.reject(new Error(message, { cause }));
    this.#planned = this.#options.scheduler.after(retryMs, () => void this.#commit());
  }
}
