// The checks of this repository, in the order in which `npm test` runs them; it stops at the first that
// fails. One alone: `npm run <name>`, and what follows `--` is handed to the tool, for example
//   npm run test:unit -- packages/core/src/errors.test.ts
import './node-version.mjs';
import { spawnSync } from 'child_process';
import { existsSync, mkdirSync, readFileSync, unlinkSync } from 'fs';
import { join } from 'path';
import { root } from './pnpm.mjs';
import { build, install } from './prepare.mjs';

const bin = (path) => [join(root, 'node_modules', path)];
const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'].concat(
  bin('jest/bin/jest.js'),
);

/** name: what `npm run` calls it; `tool` with `args`, or with what the caller gives in place of `target`. */
const steps = [
  { name: 'build', title: 'build', run: build },
  {
    name: 'typecheck',
    title: 'type check of sources and tests',
    tool: bin('typescript/bin/tsc'),
    args: ['-p', 'tsconfig.check.json'],
  },
  {
    name: 'lint',
    title: 'lint',
    tool: bin('eslint/bin/eslint.js'),
    args: ['--max-warnings=0'],
    target: ['.'],
  },
  {
    name: 'format:check',
    title: 'format check',
    tool: bin('prettier/bin/prettier.cjs'),
    args: ['--check', '--log-level=warn'],
    target: ['.'],
  },
  { name: 'deadcode', title: 'dead code', tool: bin('knip/bin/knip.js'), args: ['--no-progress'] },
  { name: 'test:unit', title: 'unit tests', project: 'unit', args: ['--maxWorkers=100%'] },
  { name: 'test:sim', title: 'simulation', project: 'sim', args: ['--maxWorkers=100%'] },
  { name: 'test:e2e', title: 'end-to-end tests', project: 'e2e', args: ['--maxWorkers=2'] },
  {
    name: 'test:packages',
    title: 'packages as they are published',
    project: 'packages',
    args: ['--runInBand'],
  },
];
const format = {
  name: 'format',
  title: 'format',
  tool: bin('prettier/bin/prettier.cjs'),
  args: ['--write', '--log-level=warn'],
  target: ['.'],
};

const seconds = (since) => ((Date.now() - since) / 1000).toFixed(1) + ' s';

function runTool(command) {
  return spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status === 0;
}

/** Runs one jest project and adds what jest itself reports to `totals`. */
function runJest(step, extra, totals) {
  const folder = join(root, 'node_modules', '.cache', 'artemis');
  const report = join(folder, step.project + '.json');
  mkdirSync(folder, { recursive: true });
  if (existsSync(report)) unlinkSync(report);
  const flags = ['--selectProjects', step.project, '--json', '--outputFile=' + report];
  const isGreen = runTool(jest.concat(extra, step.args || [], flags));
  if (existsSync(report)) {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    totals.passed += result.numPassedTests;
    // A file that could not be loaded holds no test that could fail, and is a failure all the same.
    totals.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  }
  return isGreen;
}

function runStep(step, extra, totals) {
  if (step.project) return runJest(step, extra, totals);
  if (step.tool) return runTool(step.tool.concat(step.args, extra.length > 0 ? extra : step.target || []));
  step.run();
  return true;
}

function main() {
  const name = process.argv[2];
  const extra = process.argv.slice(3);
  const wanted = name === undefined ? steps : steps.concat(format).filter((step) => step.name === name);
  if (wanted.length === 0)
    throw new Error('There is no step ' + name + '. Steps: ' + steps.map((step) => step.name).join(', '));

  const totals = { passed: 0, failed: 0 };
  const begin = Date.now();
  let failed;
  install();
  for (const step of wanted) {
    const number = wanted.length > 1 ? wanted.indexOf(step) + 1 + '/' + wanted.length + ' ' : '';
    console.log('\n== ' + number + step.title);
    const start = Date.now();
    let isGreen = false;
    try {
      isGreen = runStep(step, extra, totals);
    } catch (error) {
      console.error(error.message);
    }
    console.log('== ' + step.title + ': ' + (isGreen ? 'ok' : 'FAILED') + ' in ' + seconds(start));
    if (!isGreen) {
      failed = step;
      break;
    }
  }
  if (failed) {
    // The count must not read as a success when the tests never ran.
    totals.failed = Math.max(totals.failed, 1);
    console.log('\nStopped at the first failure: ' + failed.title + '. Alone: npm run ' + failed.name);
    process.exitCode = 1;
  }
  if (wanted === steps || wanted[0].project) {
    console.log('\nTotal time ' + seconds(begin));
    console.log('Tests: ' + totals.passed + ' passed, ' + totals.failed + ' failed');
  }
}

try {
  main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
