import type { Cancel, RegistryRecord, Scheduler, StoredState, StoreNotes } from '@artemis/core';
import type { LmdbFileOptions } from './lmdb-file.js';
import { decodeRecords } from './record-codec.js';
import { ProgramEnded, StoreLink } from './store-link.js';
import type { NodePort } from './store-messages.js';
import { messageOf, StoreProblem } from './store-problem.js';

/** A reader that says nothing for so long hangs. */
const patienceMs = 30_000;
/** What the system and lmdb's own assertions end a process with that reads broken pages. */
const crashes = ['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL', 'SIGFPE', 'SIGTRAP'];

interface StoreReaderOptions {
  readonly scheduler: Scheduler;
  /** Starts a process that runs the program of the store. */
  readonly startProcess: () => NodePort;
}

/**
 * Reads a whole store, in a process of its own: lmdb answers a broken file with a crash as often as with an error, or
 * with no error and fewer records.
 */
export class StoreReader {
  readonly #options: StoreReaderOptions;

  constructor(options: StoreReaderOptions) {
    this.#options = options;
  }

  /** @throws StoreProblem */
  async read(file: LmdbFileOptions): Promise<StoredState> {
    try {
      return await this.#attempt(file);
    } catch (error) {
      if (!isMishap(error)) throw problemOf(error, file.create);
    }
    // It was killed, or could not start: that says nothing of the store.
    try {
      return await this.#attempt(file);
    } catch (error) {
      throw problemOf(error, file.create);
    }
  }

  async #attempt(file: LmdbFileOptions): Promise<StoredState> {
    const link = new StoreLink(this.#options.startProcess());
    const watch = new ProgressWatch(this.#options.scheduler, patienceMs);
    const records: RegistryRecord[] = [];
    const take = (json: string) => {
      watch.progress();
      records.push(...decodeRecords(json));
    };
    const reading = async (): Promise<StoredState> => {
      const { notes } = await link.ask({ op: 'open', read: true, ...file }, take);
      return { records, notes: notes === undefined ? undefined : (JSON.parse(notes) as StoreNotes) };
    };
    try {
      return await Promise.race([reading(), watch.stalled]);
    } finally {
      watch.end();
      await link.kill();
    }
  }
}

/** Rejects when nothing moves. */
class ProgressWatch {
  readonly stalled: Promise<never>;
  readonly #scheduler: Scheduler;
  readonly #patienceMs: number;
  #reject: (error: Error) => void = () => undefined;
  #cancel: Cancel | undefined;

  constructor(scheduler: Scheduler, patienceMs: number) {
    this.#scheduler = scheduler;
    this.#patienceMs = patienceMs;
    this.stalled = new Promise((_resolve, reject) => (this.#reject = reject));
    this.progress();
  }

  progress(): void {
    this.#cancel?.();
    const hangs = () => this.#reject(new StoreProblem('corrupt', `reading it hangs`));
    this.#cancel = this.#scheduler.after(this.#patienceMs, hangs);
  }

  end(): void {
    this.#cancel?.();
  }
}

function isMishap(error: unknown): boolean {
  return error instanceof ProgramEnded && !crashes.includes(error.ending.signal ?? '');
}

/** @param create whether there was nothing to be corrupt */
function problemOf(error: unknown, create: boolean): StoreProblem {
  if (error instanceof StoreProblem && !(create && error.kind === 'corrupt')) return error;
  const kind = create || isMishap(error) ? 'unusable' : 'corrupt';
  return new StoreProblem(kind, messageOf(error), error);
}
