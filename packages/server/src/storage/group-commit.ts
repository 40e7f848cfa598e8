import type {
  Cancel,
  Change,
  Logger,
  RecordStore,
  RegistryRecord,
  Scheduler,
  StoreNotes,
} from '@artemis/core';

/** How often a failed commit is tried again. */
const retryMs = 1000;
/**
 * How long changes are collected that nobody waits for, ms: those of peers, which have them in stores of their own. A commit
 * costs the disk and a thread about the same for one record as for twenty.
 */
const collectMs = 20;
/** How often the notes are written when nothing else is. */
const notesMs = 10_000;
/** Records in one commit: more would hold up requests while they are prepared. */
const mostRecords = 1000;

interface GroupCommitOptions {
  readonly store: RecordStore;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** What is noted with a commit now and then. */
  readonly notes: () => StoreNotes;
  /** Called for each commit that fails. */
  readonly failed: () => void;
  /**
   * While it answers true nothing is written and everything waits: a node that joins takes its whole table in first.
   * {@link GroupCommit.resume} tells that it is over.
   */
  readonly held?: () => boolean;
}

/** What is to be written under a key: the newest state, or nothing any more. */
interface Entry {
  readonly key: string;
  readonly record: RegistryRecord | undefined;
  /** Whether it has a change that this node made itself; that stays so whatever replaces it. */
  readonly own: boolean;
  /** Grows from entry to entry; a key that changes again while it waits keeps its place. */
  readonly place: number;
}

/** When a commit begins: `soon` is what somebody waits for. */
type When = 'soon' | 'when there are more';

interface Plan {
  readonly when: When;
  readonly cancel: Cancel;
}

interface Waiter {
  /** Everything up to this place must be in the store. */
  readonly place: number;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * Writes changes to the node's store, many in one commit. While the store fails, the newest state of each key waits
 * here (never more than the table holds), writes are refused, and the commit is tried again each second.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  /** In the order of their places. */
  #pending = new Map<string, Entry>();
  #lastPlace = 0;
  #waiters: Waiter[] = [];
  #planned: Plan | undefined;
  #running: Promise<void> | undefined;
  #failure: string | undefined;
  #notesDue = false;
  #noting: Cancel | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Why the store takes no writes, `undefined` when it does. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Begins to write notes. The store must be open. */
  start(): void {
    const note = () => {
      this.#notesDue = true;
      this.#plan('when there are more');
    };
    this.#noting = this.#options.scheduler.every(notesMs, note);
    note();
  }

  /** Listener of the change log. */
  onChange({ record, origin }: Change): void {
    if (origin === 'recovery' || origin === 'view') return;
    this.#write(record.key, record, origin !== 'peer');
  }

  /** The table holds nothing under this key any more. Nobody waits for that. */
  forget(key: string): void {
    this.#write(key, undefined, false);
  }

  /** Resolves when everything that changed before this call is in the store; rejects when the commit fails. */
  committed(): Promise<void> {
    if (this.#pending.size === 0 && this.#running === undefined) return Promise.resolve();
    const place = this.#lastPlace;
    return new Promise((resolve, reject) => {
      this.#waiters.push({ place, resolve, reject });
      this.#plan('soon');
    });
  }

  /** Writes what was held. */
  resume(): void {
    if (this.#pending.size > 0 || this.#notesDue) this.#plan('soon');
  }

  /** Commits what waits, held or not, until that fails. */
  async close(): Promise<void> {
    this.#planned?.cancel();
    await this.#running;
    this.#notesDue = this.#noting !== undefined;
    this.#noting?.();
    while (this.#pending.size > 0 || this.#notesDue) {
      await this.#commit();
      this.#planned?.cancel();
      if (this.#failure !== undefined) break;
    }
  }

  #write(key: string, record: RegistryRecord | undefined, own: boolean): void {
    this.#lastPlace += 1;
    const waiting = this.#pending.get(key);
    const place = waiting?.place ?? this.#lastPlace;
    this.#pending.set(key, { key, record, own: own || waiting?.own === true, place });
    this.#plan(own ? 'soon' : 'when there are more');
  }

  #plan(when: When): void {
    const { scheduler, held } = this.#options;
    if (this.#running !== undefined || held?.() === true) return;
    if (this.#planned !== undefined && (when !== 'soon' || this.#planned.when === 'soon')) return;
    this.#planned?.cancel();
    const run = () => void this.#commit();
    this.#planned = { when, cancel: when === 'soon' ? scheduler.soon(run) : scheduler.after(collectMs, run) };
  }

  #commit(): Promise<void> {
    this.#planned = undefined;
    const batch = this.#takeBatch();
    const withNotes = this.#notesDue;
    this.#notesDue = false;
    const commit = {
      put: batch.flatMap(({ record }) => record ?? []),
      forget: batch.flatMap(({ key, record }) => (record === undefined ? key : [])),
      lazy: !batch.some(({ own }) => own),
      ...(withNotes && { notes: this.#options.notes() }),
    };
    this.#running = this.#options.store.commit(commit).then(
      () => this.#succeeded(),
      (error: unknown) => this.#hasFailed(error, batch, withNotes),
    );
    return this.#running;
  }

  #takeBatch(): Entry[] {
    const batch: Entry[] = [];
    for (const entry of this.#pending.values()) {
      if (batch.length === mostRecords) break;
      batch.push(entry);
    }
    if (batch.length < this.#pending.size) for (const { key } of batch) this.#pending.delete(key);
    // A new one: tables of a map that is filled and emptied for ever would keep each other alive, see `Bag`.
    else this.#pending = new Map();
    return batch;
  }

  #succeeded(): void {
    if (this.#failure !== undefined) this.#options.logger.info('The store takes writes again');
    this.#failure = undefined;
    this.#running = undefined;
    const [next] = this.#pending.values();
    const before = next?.place ?? Infinity;
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ place }) => place >= before);
    for (const waiter of waiters) if (waiter.place < before) waiter.resolve();
    if (next === undefined && !this.#notesDue) return;
    this.#plan(this.#waiters.length > 0 ? 'soon' : 'when there are more');
  }

  #hasFailed(cause: unknown, batch: readonly Entry[], withNotes: boolean): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (this.#failure === undefined) {
      this.#options.logger.error('The store fails: writes are refused until it recovers', { error: message });
    }
    this.#failure = message;
    this.#options.failed();
    this.#running = undefined;
    this.#notesDue ||= withNotes;
    this.#putBack(batch);
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(new Error(message, { cause }));
    const cancel = this.#options.scheduler.after(retryMs, () => void this.#commit());
    // Nobody who waits makes it any sooner.
    this.#planned = { cancel, when: 'soon' };
  }

  /** In front of what came meanwhile, which is newer where it has the same key. */
  #putBack(batch: readonly Entry[]): void {
    const newer = this.#pending;
    const entries = batch.map((entry) => {
      const { key, place } = entry;
      const { record, own } = newer.get(key) ?? entry;
      return { key, record, own: own || entry.own, place };
    });
    this.#pending = new Map(entries.map((entry) => [entry.key, entry]));
    for (const entry of newer.values()) {
      if (!this.#pending.has(entry.key)) this.#pending.set(entry.key, entry);
    }
  }
}
