import { randomInt } from 'node:crypto';
import type { SimArguments } from './arguments.js';
import { readArguments, usage } from './arguments.js';
import { failureOf, summaryOf } from './report.js';
import { run } from './run.js';
import { scenarios } from './scenarios/index.js';

const newSeed = (): number => randomInt(2 ** 32);

/** Runs the scenarios with one seed. Answers whether all is well. */
async function runAll(seed: number, { scenarios: wanted, nodes, trace }: SimArguments): Promise<boolean> {
  console.log(`seed ${seed}`);
  let isGood = true;
  for (const scenario of wanted) {
    const startMs = performance.now();
    const report = await run(scenario, { seed, nodes, ...(trace && { print: console.log }) });
    console.log(`${summaryOf(report)}, ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
    if (report.violations.length === 0) continue;
    console.error(failureOf(report));
    isGood = false;
  }
  return isGood;
}

async function main(): Promise<boolean> {
  const wanted = readArguments(process.argv.slice(2), scenarios);
  if (wanted.help) {
    console.log(usage);
    console.log(
      ['', 'Scenarios:', ...scenarios.map(({ name, about }) => `  ${name.padEnd(22)} ${about}`)].join('\n'),
    );
    return true;
  }
  if (wanted.minutes === undefined) return runAll(wanted.seed ?? newSeed(), wanted);
  const untilMs = performance.now() + wanted.minutes * 60_000;
  while (performance.now() < untilMs) {
    if (!(await runAll(newSeed(), wanted))) return false;
  }
  return true;
}

try {
  if (!(await main())) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
