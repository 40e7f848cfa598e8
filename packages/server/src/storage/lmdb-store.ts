import type { Cancel, Clock, Logger, RecordStore, Scheduler, StoreCommit, StoredState } from '@artemis/core';
import { Slices } from '@artemis/core';
import { PlannedTask } from '../planned-task.js';
import type { DirectoryLock } from './directory-lock.js';
import type { FileCommit } from './lmdb-file.js';
import { storeKeyOf } from './guarded-text.js';
import { encodeRecord } from './record-codec.js';
import type { StoreDirectory } from './store-directory.js';
import { StoreLink } from './store-link.js';
import type { NodePort } from './store-messages.js';
import { messageOf, StoreProblem } from './store-problem.js';
import type { StoreReader } from './store-reader.js';

/** Half of what `process` promises of this node's own changes: on the disk within a tenth of a second. */
const flushMs = 50;
/**
 * The same for what nobody was promised. Pages that several commits write, which are most, are flushed once then; and a
 * flush of a few hundred keeps a core for a millisecond or more, which no other thread can interrupt on many a system.
 */
const lazyFlushMs = 1000;
/** Records that wait for that at most: a flush of all that a busy second brings would take ten times as long. */
const mostLazy = 100;
/** Most records that are written as texts in one turn. */
const perTurn = 50;
/** A commit that takes longer has failed for those who wait, and no other is begun until it has ended. */
const patienceMs = 10_000;

interface LmdbStoreOptions {
  readonly directory: StoreDirectory;
  readonly durability: 'process' | 'disk';
  readonly lock: DirectoryLock;
  readonly reader: StoreReader;
  /** Starts a thread that runs the program of the store. */
  readonly startThread: () => NodePort;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

/**
 * Keeps records in an lmdb file. A process of its own reads it at the start, since a broken file may crash who reads
 * it; a thread of its own writes to it, since a disk may be slow or stand still.
 */
export class LmdbStore implements RecordStore {
  readonly #options: LmdbStoreOptions;
  #link: StoreLink | undefined;
  readonly #flushing: PlannedTask;
  /** Records in commits since the last flush was begun. */
  #unflushed = 0;
  #flushFailed = false;
  #hangs = false;
  #panicked = false;

  constructor(options: LmdbStoreOptions) {
    this.#options = options;
    this.#flushing = new PlannedTask(options.clock, options.scheduler);
  }

  /** @throws StoreProblem that names the directory */
  async open(): Promise<StoredState> {
    const { directory, lock } = this.#options;
    await directory.make();
    try {
      await lock.take();
      await directory.prepare();
      // It takes a moment to start, in which the other process reads.
      this.#link = new StoreLink(this.#options.startThread());
      const state = await this.#read();
      await this.#openThread();
      return state;
    } catch (error) {
      await this.#end();
      if (error instanceof StoreProblem && error.message.includes(directory.directory)) throw error;
      const kind = error instanceof StoreProblem ? error.kind : 'unusable';
      const message = `the store in ${directory.directory} cannot be opened: ${await directory.explain(error)}`;
      throw new StoreProblem(kind, message, error);
    }
  }

  async commit({ put, forget, notes, lazy }: StoreCommit): Promise<void> {
    const { durability, directory } = this.#options;
    const texts: (readonly [string, string])[] = [];
    await new Slices(this.#options, perTurn).each(put, (record) => texts.push(encodeRecord(record)));
    const commit: FileCommit = {
      put: texts,
      forget: forget.map(storeKeyOf),
      ...(notes !== undefined && { notes: JSON.stringify(notes) }),
    };
    try {
      await this.#within(patienceMs, this.#commit(commit));
    } catch (error) {
      this.#panicked = messageOf(error).startsWith('MDB_PANIC');
      throw new Error(await directory.explain(error), { cause: error });
    }
    if (durability === 'process') this.#planFlush(put.length + forget.length, lazy === true);
  }

  async close(): Promise<void> {
    if (this.#link === undefined) return;
    this.#flushing.cancel();
    const closing = async (link: StoreLink) => {
      await link.ask({ op: 'flush' });
      await link.ask({ op: 'close' });
    };
    await this.#within(patienceMs, closing(this.#link)).catch((error: unknown) => {
      this.#options.logger.error('The store could not be closed', { error: messageOf(error) });
    });
    await this.#end();
  }

  async #read(): Promise<StoredState> {
    const { directory, reader, durability, logger, clock } = this.#options;
    const file = { directory: directory.directory, durability };
    const exists = await directory.holdsStore();
    if (!exists) logger.info(`There is no store in ${directory.directory} yet: an empty one is made`);
    try {
      return await reader.read({ ...file, create: !exists });
    } catch (error) {
      if (!(error instanceof StoreProblem) || error.kind !== 'corrupt') throw error;
      const aside = await directory.moveAside(clock.wallMs());
      logger.error(
        `The store in ${directory.directory} was corrupt: ${error.message}. It was moved to ${aside}. ` +
          'This node starts without records and gets those that its peers have.',
      );
    }
    return reader.read({ ...file, create: true });
  }

  async #openThread(): Promise<StoreLink> {
    const { directory, durability, startThread } = this.#options;
    if (this.#link === undefined || this.#link.ended) this.#link = new StoreLink(startThread());
    const file = { directory: directory.directory, durability };
    await this.#link.ask({ op: 'open', read: false, create: false, ...file });
    return this.#link;
  }

  async #commit(commit: FileCommit): Promise<void> {
    const { directory, lock } = this.#options;
    if (this.#link === undefined) throw new Error('the store is not open');
    if (lock.lost) throw new Error(`another process has taken ${directory.directory}`);
    if (this.#hangs) throw new Error(`the disk of ${directory.directory} does not answer`);
    const isBroken = this.#link.ended || this.#panicked;
    const link = isBroken ? await this.#openThread() : this.#link;
    this.#panicked = false;
    if (this.#flushFailed) await this.#flush(link);
    await link.ask({ op: 'commit', ...commit });
  }

  #planFlush(records: number, isLazy: boolean): void {
    this.#unflushed += records;
    const lazyMs = this.#unflushed < mostLazy ? lazyFlushMs : 0;
    this.#flushing.in(isLazy ? lazyMs : flushMs, () => {
      this.#unflushed = 0;
      // Whoever commits next is told when it fails again.
      if (this.#link !== undefined) this.#flush(this.#link).catch(() => undefined);
    });
  }

  async #flush(link: StoreLink): Promise<void> {
    try {
      await link.ask({ op: 'flush' });
      this.#flushFailed = false;
    } catch (error) {
      this.#flushFailed = true;
      throw error;
    }
  }

  /** Rejects when the task takes longer; until it has ended, the disk counts as hanging. */
  async #within(ms: number, task: Promise<void>): Promise<void> {
    let cancel: Cancel | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      cancel = this.#options.scheduler.after(ms, () => {
        const over = () => (this.#hangs = false);
        this.#hangs = true;
        task.then(over, over);
        reject(new Error(`the disk has not answered for ${ms / 1000} s`));
      });
    });
    await Promise.race([task, deadline]).finally(() => cancel?.());
  }

  async #end(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    await link?.kill();
    await this.#options.lock.release();
  }
}
