/** A process that runs jobs, each in its own copy of the code, and prints a line of JSON for each. */
import { pathToFileURL } from 'node:url';
import type { run as runScenario, scenarios as allScenarios } from '../index.js';
import type { Job, JobResult } from './job.js';

interface Simulation {
  readonly run: typeof runScenario;
  readonly scenarios: typeof allScenarios;
}

async function perform({ module, scenario, seed, tries, nodes }: Job): Promise<Omit<JobResult, 'index'>> {
  const startMs = performance.now();
  const { run, scenarios } = (await import(pathToFileURL(module).href)) as Simulation;
  const wanted = scenarios.find(({ name }) => name === scenario);
  if (wanted === undefined) throw new Error(`there is no scenario ${scenario}`);
  for (let current = seed; ; current += 1) {
    const { violations } = await run(wanted, { seed: current, nodes });
    if (violations.length === 0 && current < seed + tries - 1) continue;
    return {
      seed: current,
      caughtBy: [...new Set(violations.map(({ checker }) => checker))],
      message: violations[0]?.message ?? '',
      tookMs: Math.round(performance.now() - startMs),
    };
  }
}

const jobs = JSON.parse(process.argv[2] ?? '[]') as readonly Job[];
for (const [index, job] of jobs.entries()) {
  const result: JobResult = { index, ...(await perform(job)) };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
