import {
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  rmdir,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import type { Cancel, Clock, Logger, Random, Scheduler } from '@artemis/core';
import { delay } from '@artemis/core';
import { StoreProblem } from './store-problem.js';

const refreshMs = 1000;
/** A holder that cannot be looked at is dead when it has not shown itself for so long. */
const staleMs = 5000;
const lookAgainMs = 250;
/** What a lock needs to know of processes. */
export interface ProcessFacts {
  readonly pid: number;
  readonly hostName: string;
  /** Whether there is such a process here. */
  isAlive(pid: number): boolean;
}

interface LockOptions {
  readonly directory: string;
  readonly facts: ProcessFacts;
  readonly random: Random;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

interface Holder {
  readonly pid: number;
  /** Where that pid means something: the machine and, in containers, which of its pid spaces. */
  readonly place: string;
  /** When the process began, so that another that got its pid is not taken for it; '' where that cannot be known. */
  readonly began: string;
}

/**
 * Keeps a directory to one process at a time.
 *
 * The lock is a directory `lock` with one file in it, named after its holder. It is taken by renaming a prepared
 * directory onto it, which succeeds only while it is missing or empty, and a dead holder's lock is broken by deleting
 * the file of that very holder: so no two processes can both believe that they hold it. Whether a holder lives is asked
 * of the system; one in another container or on another machine must touch its file every second instead. Node has no
 * locks that end with the process by themselves.
 */
export class DirectoryLock {
  readonly #options: LockOptions;
  readonly #lock: string;
  readonly #name: string;
  #refreshing: Cancel | undefined;
  #lost = false;

  constructor(options: LockOptions) {
    this.#options = options;
    this.#lock = path.join(options.directory, 'lock');
    this.#name = `${options.facts.pid}-${options.random.id(8)}`;
  }

  /** Whether another process took the lock because this one seemed dead. */
  get lost(): boolean {
    return this.#lost;
  }

  /** @throws StoreProblem when another process holds it */
  async take(): Promise<void> {
    const { scheduler } = this.#options;
    const prepared = `${this.#lock}.${this.#name}`;
    await mkdir(prepared, { recursive: true });
    try {
      await writeFile(path.join(prepared, this.#name), JSON.stringify(await this.#self()));
      while (!(await renamed(prepared, this.#lock))) await this.#breakOrWait();
    } catch (error) {
      await rm(prepared, { recursive: true, force: true });
      throw error;
    }
    this.#refreshing = scheduler.every(refreshMs, () => void this.#refresh());
  }

  async release(): Promise<void> {
    this.#refreshing?.();
    if (this.#refreshing === undefined) return;
    await rm(path.join(this.#lock, this.#name), { force: true });
    // Stays when another process has taken it.
    await rmdir(this.#lock).catch(() => undefined);
  }

  async #refresh(): Promise<void> {
    const now = this.#options.clock.wallMs() / 1000;
    await utimes(path.join(this.#lock, this.#name), now, now).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.#lost = true;
    });
  }

  async #breakOrWait(): Promise<void> {
    const names = await readdir(this.#lock).catch(() => []);
    for (const name of names) {
      const file = path.join(this.#lock, name);
      const holder = await readHolder(file);
      const isAlive = holder === undefined ? undefined : await this.#isAlive(holder);
      if (isAlive === true) throw this.#taken(holder);
      if (isAlive === undefined && (await this.#isFresh(file))) await this.#waitFor(file, holder);
      await rm(file, { force: true });
    }
  }

  /** Until the holder proves to live, by touching its file, or has been silent for too long. */
  async #waitFor(file: string, holder: Holder | undefined): Promise<void> {
    const { logger, scheduler, directory } = this.#options;
    logger.info(`Waiting to see whether the process that held ${directory} still runs`);
    const before = await modifiedMs(file);
    while (await this.#isFresh(file)) {
      if ((await modifiedMs(file)) !== before) throw this.#taken(holder);
      await delay(scheduler, lookAgainMs);
    }
  }

  async #isFresh(file: string): Promise<boolean> {
    const modified = await modifiedMs(file);
    return modified !== undefined && Math.abs(this.#options.clock.wallMs() - modified) < staleMs;
  }

  /** `undefined`: it cannot be known from here. */
  async #isAlive({ pid, place, began }: Holder): Promise<boolean | undefined> {
    if (place !== (await this.#place())) return undefined;
    return this.#options.facts.isAlive(pid) && began === (await beganAt(pid));
  }

  async #self(): Promise<Holder> {
    const { pid } = this.#options.facts;
    return { pid, place: await this.#place(), began: await beganAt(pid) };
  }

  async #place(): Promise<string> {
    return `${this.#options.facts.hostName} ${await readlink('/proc/self/ns/pid').catch(() => '')}`;
  }

  #taken(holder: Holder | undefined): StoreProblem {
    const { directory } = this.#options;
    const who = holder === undefined ? 'another process' : `process ${holder.pid} (${holder.place.trim()})`;
    return new StoreProblem(
      'unusable',
      `${directory} is in use by ${who}: stop that one, or give this node a storage.data_dir of its own`,
    );
  }
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    const holder = JSON.parse(await readFile(file, 'utf8')) as Partial<Holder>;
    const { pid, place, began } = holder;
    if (pid === undefined || place === undefined || began === undefined) return undefined;
    return { pid, place, began };
  } catch {
    return undefined;
  }
}

/** In clock ticks since the start of the machine; '' where there is no `/proc`, and for one that is dead already. */
async function beganAt(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name of the program comes second, in parentheses, and may hold spaces. The state is the third field, the start
  // the twenty-second.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? '' : (fields[19] ?? '');
}

async function modifiedMs(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}
