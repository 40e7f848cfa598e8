// `npm run bench`: see arguments.mjs for what it takes.
import '../node-version.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArguments, select, sizesOf, usage, UsageError } from './arguments.mjs';
import { compareLines } from './compare.mjs';
import { figureLines, summaryLines } from './figures.mjs';
import { describeLines, describeRun } from './machine.mjs';
import { closeClient } from './node-client.mjs';
import { placeLoad } from './processes.mjs';
import { benches, growth } from './registry.mjs';
import { Stage } from './stage.mjs';

/** Each with the exit code that tells of it. */
const signals = { SIGINT: 130, SIGTERM: 143 };

const say = (text) => console.log(`  ${text}`);

function headOf({ row, name, title }) {
  return row === undefined ? `${name}: ${title}` : `Row ${row}, ${name}: ${title}`;
}

/** Runs one bench and prints its table; answers what goes into the file. */
async function runOne(bench, sizes) {
  console.log(`\n${headOf(bench)}`);
  say(
    Object.entries(sizes)
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
  );
  const stage = new Stage();
  // Whoever is tired of waiting leaves no node behind.
  const leave = (signal) => {
    stage.end();
    process.exit(signals[signal]);
  };
  for (const signal of Object.keys(signals)) process.once(signal, leave);
  const start = performance.now();
  try {
    const figures = await bench.run({ stage, sizes, say });
    for (const line of figureLines(figures)) console.log(line);
    const seconds = (performance.now() - start) / 1000;
    say(`took ${seconds.toFixed(0)} s`);
    return { row: bench.row, name: bench.name, title: bench.title, sizes, seconds, figures };
  } finally {
    for (const signal of Object.keys(signals)) process.off(signal, leave);
    stage.end();
  }
}

/** Runs these benches one after the other; one that breaks does not keep the others from running. */
async function runAll(chosen, { form, sizes: given, json }) {
  const sizes = sizesOf(chosen, form, given);
  const run = { ...describeRun(placeLoad()), form };
  for (const line of describeLines(run)) console.log(line);
  if (form === 'short')
    console.log('The short form: smaller tables than the limits are meant for, and fewer rounds.');
  const results = [];
  const broken = [];
  for (const [index, bench] of chosen.entries()) {
    try {
      results.push(await runOne(bench, sizes[index]));
    } catch (error) {
      console.error(`  ${headOf(bench)} is broken: ${error.stack}`);
      broken.push(bench.name);
    }
    if (json !== undefined) writeFileSync(json, `${JSON.stringify({ ...run, benches: results }, null, 2)}\n`);
  }
  closeClient();
  if (results.length > 1) for (const line of ['', ...summaryLines(results)]) console.log(line);
  if (broken.length > 0) {
    console.error(`\nbroken: ${broken.join(', ')}`);
    process.exitCode = 1;
  }
}

function readRun(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--compare: ${file} cannot be read (${error.code})`);
  }
  try {
    const run = JSON.parse(text);
    if (Array.isArray(run.benches)) return run;
  } catch {
    // Told below.
  }
  throw new UsageError(`--compare: ${file} was not written by npm run bench -- --json`);
}

function list() {
  for (const { row, name, title, sizes } of [...benches, ...growth]) {
    console.log(`${String(row ?? '').padStart(2)}  ${name.padEnd(14)} ${title}`);
    for (const form of ['long', 'short']) {
      const text = Object.entries(sizes[form]).map(([key, value]) => `${key}=${value}`);
      console.log(`${' '.repeat(19)}${form}: ${text.join(' ')}`);
    }
  }
}

async function main(args) {
  const parsed = parseArguments(args);
  if (parsed.mode === 'help') console.log(usage);
  else if (parsed.mode === 'list') list();
  else if (parsed.mode === 'compare')
    for (const line of compareLines(...parsed.files.map(readRun))) console.log(line);
  else await runAll(select(parsed.mode === 'growth' ? growth : benches, parsed.rows), parsed);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
