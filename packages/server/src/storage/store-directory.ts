import { mkdir, open, rename, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, StoreProblem } from './store-problem.js';

const dataFile = 'data.mdb';
/** lmdb's own lock, of no use beside ours. */
const lockFile = 'lock.mdb';
/** More than lmdb needs for it. */
const lockFileBytes = 64 * 1024;
/** With less room than this on the disk, that is what is wrong. */
const fullBelowBytes = 1024 * 1024;

/** The directory of a store, and what can be done to it from outside of the file. */
export class StoreDirectory {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = path.resolve(directory);
  }

  /** @throws StoreProblem */
  async make(): Promise<void> {
    try {
      await mkdir(this.directory, { recursive: true });
    } catch (error) {
      throw this.#unusable('cannot be made', error);
    }
  }

  /**
   * Readies it for lmdb, which crashes on a lock file that is damaged, or that the disk has no room for.
   *
   * @throws StoreProblem
   */
  async prepare(): Promise<void> {
    try {
      const file = await open(path.join(this.directory, lockFile), 'a+').then(async (made) => {
        await made.close();
        return open(path.join(this.directory, lockFile), 'r+');
      });
      try {
        await file.write(Buffer.alloc(lockFileBytes), 0, lockFileBytes, 0);
      } finally {
        await file.close();
      }
    } catch (error) {
      throw this.#unusable('cannot be written to', error);
    }
  }

  /** Whether there is a store, whatever its state. */
  async holdsStore(): Promise<boolean> {
    return stat(path.join(this.directory, dataFile)).then(
      () => true,
      () => false,
    );
  }

  /**
   * Puts the store where it can be looked at, and answers where that is.
   *
   * @throws StoreProblem
   */
  async moveAside(wallMs: number): Promise<string> {
    const time = new Date(wallMs).toISOString().replaceAll(/[-:]/g, '').replace('.', '');
    const aside = path.join(this.directory, `corrupt-${time}`);
    try {
      await mkdir(aside, { recursive: true });
      await rename(path.join(this.directory, dataFile), path.join(aside, dataFile));
    } catch (error) {
      throw this.#unusable('holds a corrupt store that cannot be moved', error);
    }
    return aside;
  }

  /** What went wrong, in words: a full disk shows itself in many ways. */
  async explain(error: unknown): Promise<string> {
    const space = await statfs(this.directory).catch(() => undefined);
    const isFull = space !== undefined && space.bavail * space.bsize < fullBelowBytes;
    return isFull ? `the disk of ${this.directory} is full (${messageOf(error)})` : messageOf(error);
  }

  #unusable(what: string, error: unknown): StoreProblem {
    return new StoreProblem('unusable', `${this.directory} ${what}: ${messageOf(error)}`, error);
  }
}
