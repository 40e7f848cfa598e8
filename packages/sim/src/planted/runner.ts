import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { copyBuilt } from './built-copy.js';
import type { Job, JobResult } from './job.js';
import type { PlantedBug } from './planted-bug.js';

/** A worker that takes longer for one job hangs; most take a second, and many times that on a busy machine. */
const limitMs = 90_000;
const workerFile = resolve(import.meta.dirname, '../../dist/planted/worker.js');

/** Seeds that are tried until one shows the bug. */
const tries = 10;

/** What came of a planted bug. */
export interface PlantedResult {
  readonly bug: PlantedBug;
  /** Which showed it, or the last that was tried. */
  readonly seed: number;
  /** The checkers that saw it, the first one first; `hangs` when the run never ended. */
  readonly caughtBy: readonly string[];
  readonly message: string;
  /** What the same scenario and seed say of sound code: must be nothing. */
  readonly falseAlarm: string;
  readonly tookMs: number;
}

/** Plants each bug in a copy of the built packages, and runs its scenario there and then in a sound copy. */
export async function runPlanted(bugs: readonly PlantedBug[]): Promise<PlantedResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'artemis-planted-'));
  try {
    const sound = copyBuilt(join(folder, 'sound'));
    const planted = bugs.map((bug, index) => jobOf(bug, copyBuilt(join(folder, String(index)), bug)));
    const shown = (await runJobs(planted)).map((result, index) => result ?? hangingIn(planted[index] as Job));
    const controls = new Map(
      bugs.map((bug, index) => {
        const { seed } = shown[index] as JobResult;
        return [runOf(bug, seed), { ...jobOf(bug, sound), seed, tries: 1 }];
      }),
    );
    const results = await runJobs([...controls.values()]);
    return bugs.map((bug, index) => {
      const { seed, caughtBy, message, tookMs } = shown[index] as JobResult;
      const number = [...controls.keys()].indexOf(runOf(bug, seed));
      const control = results[number] ?? hangingIn(planted[index] as Job);
      const falseAlarm =
        control.caughtBy.length === 0 ? '' : `${control.caughtBy.join()}: ${control.message}`;
      return { bug, seed, caughtBy, message, falseAlarm, tookMs };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function hangingIn({ seed }: Job): JobResult {
  return { index: 0, seed, caughtBy: ['hangs'], message: 'the run did not end', tookMs: limitMs };
}

function runOf({ scenario, nodes }: PlantedBug, seed: number): string {
  return JSON.stringify([scenario, seed, nodes]);
}

function jobOf({ scenario, seed, nodes }: PlantedBug, module: string): Job {
  return { module, scenario, seed, tries, ...(nodes !== undefined && { nodes }) };
}

/** In a process for each core, each with its share of the jobs. */
async function runJobs(jobs: readonly Job[]): Promise<(JobResult | undefined)[]> {
  const workers = Math.min(availableParallelism(), jobs.length);
  const results: (JobResult | undefined)[] = jobs.map(() => undefined);
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      const share = [...jobs.keys()].filter((index) => index % workers === worker);
      await runWorker(
        share.map((index) => jobs[index] as Job),
        (result) => (results[share[result.index] as number] = result),
      );
    }),
  );
  return results;
}

/** Resolves when the worker has ended; rejects when it failed. */
function runWorker(jobs: readonly Job[], done: (result: JobResult) => void): Promise<void> {
  return new Promise((fulfil, reject) => {
    const child = spawn(process.execPath, [workerFile, JSON.stringify(jobs)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const watchdog = setTimeout(() => child.kill('SIGKILL'), limitMs);
    createInterface({ input: child.stdout }).on('line', (line) => {
      watchdog.refresh();
      done(JSON.parse(line) as JobResult);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(watchdog);
      if (code === 0 || signal === 'SIGKILL') fulfil();
      else reject(new Error(`a worker of planted bugs ended with ${code ?? signal}`));
    });
  });
}
