import type { Database, RootDatabase } from 'lmdb';
import { open, TransactionFlags } from 'lmdb';
import { verified } from './guarded-text.js';
import type { StoreProblemKind } from './store-problem.js';
import { messageOf, StoreProblem } from './store-problem.js';

/** What stands in the file, and how. Another number when that changes. */
const format = 1;

export interface LmdbFileOptions {
  /** Must exist. */
  readonly directory: string;
  /** Whether there is nothing yet. */
  readonly create: boolean;
  /** `disk`: a commit ends when it is on the disk; `process`: when it survives the end of this process. */
  readonly durability: 'process' | 'disk';
}

/** A commit in the words of the store. */
export interface FileCommit {
  /** Keys of the store with their texts. */
  readonly put: readonly (readonly [key: string, text: string])[];
  readonly forget: readonly string[];
  readonly notes?: string;
}

/** Its flush is there, and not in its types. */
interface Flushable {
  sync(done: (error?: Error) => void): void;
}

/**
 * The one file that knows lmdb. Everything but {@link flush} is synchronous and may take as long as the disk does; a
 * broken file can end the process.
 *
 * Transactions are lmdb's synchronous ones: those that fail throw here and nowhere else, and leave what was committed
 * before as it was. Its asynchronous ones raise rejections that nobody can handle, and hold their lock for ever when
 * they cannot begin.
 */
export class LmdbFile {
  readonly #root: RootDatabase;
  readonly #records: Database<string, string>;
  readonly #about: Database<string, string>;
  readonly #flags: TransactionFlags;

  /** @throws StoreProblem */
  constructor({ directory, create, durability }: LmdbFileOptions) {
    try {
      // Without being told, lmdb takes a path with a dot in its last part for that of a file.
      this.#root = open({ path: directory, noSubdir: false, overlappingSync: false });
      this.#records = this.#root.openDB({ name: 'records', encoding: 'string' });
      this.#about = this.#root.openDB({ name: 'about', encoding: 'string' });
    } catch (error) {
      throw problemOf(error);
    }
    this.#flags = TransactionFlags.ABORTABLE | TransactionFlags.SYNCHRONOUS_COMMIT;
    if (create) this.#commit({ put: [], forget: [] });
    if (durability === 'process') this.#flags |= TransactionFlags.NO_SYNC_FLUSH;
    this.#requireFormat();
  }

  /** @throws StoreProblem */
  get notes(): string | undefined {
    try {
      return this.#about.get('notes');
    } catch (error) {
      throw problemOf(error);
    }
  }

  /**
   * The JSON of every record, each checked, and their number compared in the end.
   *
   * @throws StoreProblem
   */
  *read(): Generator<string> {
    try {
      let count = 0;
      for (const { key, value } of this.#records.getRange()) {
        count += 1;
        yield verified(key, value);
      }
      const stored = Number(this.#about.get('count'));
      if (count !== stored) throw new Error(`it holds ${count} records where ${stored} were committed`);
    } catch (error) {
      throw problemOf(error, 'corrupt');
    }
  }

  /**
   * Writes without changing anything, which needs the list of free pages. A disk that takes no writes now is no fault of
   * the file.
   *
   * @throws StoreProblem
   */
  probe(): void {
    try {
      this.#commit({ put: [], forget: [] });
    } catch (error) {
      const problem = problemOf(error);
      if (problem.kind === 'corrupt') throw problem;
    }
  }

  /** All or nothing. Throws when nothing was written. */
  commit(commit: FileCommit): void {
    this.#commit(commit);
  }

  /** Resolves when all commits so far are on the disk. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      (this.#root as unknown as Flushable).sync((error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  #commit({ put, forget, notes }: FileCommit): void {
    // The block answers nothing: lmdb would wait for the promise that a put returns.
    this.#root.transactionSync(() => {
      let count = Number(this.#about.get('count') ?? 0);
      for (const [key, text] of put) {
        if (!this.#records.doesExist(key)) count += 1;
        void this.#records.put(key, text);
      }
      for (const key of forget) {
        if (!this.#records.doesExist(key)) continue;
        count -= 1;
        void this.#records.remove(key);
      }
      void this.#about.put('format', String(format));
      void this.#about.put('count', String(count));
      if (notes !== undefined) void this.#about.put('notes', notes);
    }, this.#flags);
  }

  #requireFormat(): void {
    const found = Number(this.#about.get('format'));
    if (found > format) {
      const message = `its format is ${found}, and this version of Artemis knows ${format} at most`;
      throw new StoreProblem('newer', message);
    }
    if (found !== format) throw new StoreProblem('corrupt', 'it is no store of Artemis');
  }
}

/** Errors of lmdb itself have numbers of their own; the others are those of the system, about disk and rights. */
function problemOf(error: unknown, otherwise: StoreProblemKind = 'unusable'): StoreProblem {
  if (error instanceof StoreProblem) return error;
  const { code } = error as { code?: unknown };
  const isSystem = typeof code === 'number' && code > 0;
  const isLmdb = messageOf(error).startsWith('MDB_');
  const kind = isLmdb ? 'corrupt' : isSystem ? 'unusable' : otherwise;
  return new StoreProblem(kind, messageOf(error), error);
}
