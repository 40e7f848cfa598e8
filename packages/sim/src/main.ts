import { randomInt } from 'node:crypto';
import type { SimArguments } from './arguments.js';
import { readArguments, usage } from './arguments.js';
import { failureOf, summaryOf } from './report.js';
import { run } from './run.js';
import { scenarios } from './scenarios/index.js';
import { Totals } from './totals.js';

const newSeed = (): number => randomInt(2 ** 32);

/** Runs the scenarios with one seed. */
async function runAll(seed: number, wanted: SimArguments, totals: Totals): Promise<void> {
  const { scenarios: chosen, nodes, trace } = wanted;
  console.log(`seed ${seed}`);
  for (const scenario of chosen) {
    const startMs = performance.now();
    const report = await run(scenario, { seed, nodes, ...(trace && { print: console.log }) });
    totals.add(report);
    console.log(`${summaryOf(report)}, ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
    if (report.violations.length > 0) console.error(failureOf(report));
  }
}

/** Answers whether all is well. */
async function main(): Promise<boolean> {
  const wanted = readArguments(process.argv.slice(2), scenarios);
  const totals = new Totals();
  if (wanted.help) {
    console.log(usage);
    console.log(
      ['', 'Scenarios:', ...scenarios.map(({ name, about }) => `  ${name.padEnd(22)} ${about}`)].join('\n'),
    );
  } else if (wanted.minutes === undefined) {
    await runAll(wanted.seed ?? newSeed(), wanted, totals);
  } else {
    const untilMs = performance.now() + wanted.minutes * 60_000;
    while (performance.now() < untilMs) await runAll(newSeed(), wanted, totals);
    console.log(`\n${totals.text()}`);
  }
  return totals.good;
}

try {
  if (!(await main())) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
