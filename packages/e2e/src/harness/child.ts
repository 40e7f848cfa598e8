import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Root of the checkout. */
export const checkout = path.resolve(import.meta.dirname, '../../../..');

/** The command as it is installed. */
export const artemisBin = path.join(checkout, 'packages/cli/bin/artemis.js');

export interface Exit {
  /** `null` when a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** `closed`: without a standard input at all, as a daemon may be started. Default: an empty one. */
  readonly stdin?: 'closed';
}

/** A process of these tests and what it wrote so far. */
export class Child {
  readonly exit: Promise<Exit>;
  readonly #process: ChildProcess;
  #stdout = '';
  #stderr = '';
  #ended = false;

  constructor(command: string, args: readonly string[], options: ChildOptions = {}) {
    const [program, ...rest] =
      options.stdin === 'closed'
        ? ['/bin/sh', '-c', 'exec "$@" <&-', 'sh', command, ...args]
        : [command, ...args];
    this.#process = spawn(program, rest, {
      cwd: options.cwd ?? checkout,
      env: { ...plainEnvironment(), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.exit = this.#untilExit();
    // Who waits for the exit gets the failure; nobody has to.
    this.exit.catch(() => undefined);
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error('the process could not be started');
    return this.#process.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get ended(): boolean {
    return this.#ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** How it ended. Kills it and throws when it has not within that many ms. */
  async exitWithin(ms: number): Promise<Exit> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.signal('SIGKILL');
        reject(new Error(`did not end within ${ms} ms\n${this.#stdout}\n${this.#stderr}`));
      }, ms);
    });
    try {
      return await Promise.race([this.exit, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #untilExit(): Promise<Exit> {
    // `close` comes after the last of the output.
    const [code, signal] = (await once(this.#process, 'close')) as [number | null, NodeJS.Signals | null];
    this.#ended = true;
    return { code, signal };
  }
}

/** The environment without what would change a node or a script of ours. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const foreign = Object.entries(process.env).filter(
    ([name]) => !/^(ARTEMIS_|JEST_)|^(NODE_OPTIONS|NODE_ENV|CDPATH)$/.test(name),
  );
  return Object.fromEntries(foreign);
}

/** What a log file holds so far; nothing while it is not there. */
export function readLog(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
