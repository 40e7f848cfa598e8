import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, it } from '@jest/globals';

/** Lines of each log that a failed test shows. */
const shownLines = 60;

/** What a test file works on: a temporary folder, and everything that must end when the file ends. */
export class Stage {
  /** A folder of this stage alone; its real path. */
  readonly folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'artemis-e2e-')));
  readonly #ends: (() => unknown)[] = [];
  readonly #logs = new Map<string, () => string>();

  /** `end` is called when the stage ends, last come first served, even when tests failed. */
  defer(end: () => unknown): void {
    this.#ends.unshift(end);
  }

  /** A test that fails shows the end of this log. */
  watchLog(name: string, read: () => string): void {
    this.#logs.set(name, read);
  }

  /** A test of this stage. */
  test(name: string, body: () => Promise<void>): void {
    it(name, async () => {
      try {
        await body();
      } catch (error) {
        this.#showLogs(name);
        throw error;
      }
    });
  }

  async end(): Promise<void> {
    const problems: unknown[] = [];
    for (const end of this.#ends.splice(0)) {
      try {
        await end();
      } catch (problem) {
        problems.push(problem);
      }
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    if (problems.length > 0) throw new AggregateError(problems, problems.map(String).join('\n'));
  }

  #showLogs(name: string): void {
    for (const [of, read] of this.#logs) {
      const lines = read().trimEnd().split('\n').slice(-shownLines);
      process.stderr.write(`\n==== "${name}" failed; log of ${of}:\n${lines.join('\n')}\n`);
    }
  }
}

/** The stage of a test file or of one `describe`. */
export function useStage(): Stage {
  const stage = new Stage();
  afterAll(() => stage.end());
  return stage;
}

/** A number worth knowing that no test depends on, printed among the results. */
export function note(line: string): void {
  process.stdout.write(`    measured: ${line}\n`);
}
