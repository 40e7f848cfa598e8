// The hostile requests of packages/e2e/src/hostile.test.ts, as many as are wanted and of any seed:
//   npm run fuzz -- --seed 7 --requests 100000
//   npm run fuzz -- --seed 7 --only 1234        one request of that seed again
//   npm run fuzz -- --push --requests 5000      as many talks over /ws instead, of hostile-push.test.ts
import './node-version.mjs';
import { spawnSync } from 'child_process';
import { parseArgs } from 'util';
import { join } from 'path';
import { root } from './pnpm.mjs';
import { build, install } from './prepare.mjs';

const usage =
  'npm run fuzz -- [--push] [--seed N] [--requests N] [--only N]\n' +
  '  --push      talks over /ws instead of requests\n' +
  '  --seed      which requests are drawn; default: a new one each time, which is printed\n' +
  '  --requests  how many; default 10000\n' +
  '  --only      only this one of them, as a run before has printed it\n';

function numberOf(name, text, fallback) {
  if (text === undefined) return fallback;
  if (!/^\d{1,15}$/.test(text)) throw new Error('--' + name + ' takes a whole number');
  return Number(text);
}

function main() {
  const options = { help: { type: 'boolean' }, push: { type: 'boolean' } };
  for (const name of ['seed', 'requests', 'only']) options[name] = { type: 'string' };
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(usage);
    return;
  }
  const seed = numberOf('seed', values.seed, Date.now() % 1_000_000);
  const requests = numberOf('requests', values.requests, values.push ? 500 : 10_000);
  const what = values.push ? 'talk' : 'request';
  const only = numberOf('only', values.only, undefined);
  install();
  build();
  console.log('Seed ' + seed + ', ' + (only === undefined ? requests + ' ' + what + 's' : what + ' ' + only));
  const env = {
    ...process.env,
    FUZZ_SEED: String(seed),
    [values.push ? 'FUZZ_TALKS' : 'FUZZ_REQUESTS']: String(requests),
  };
  if (only !== undefined) env.FUZZ_ONLY = String(only);
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    '--selectProjects=e2e',
    '--testPathPatterns=e2e/src/hostile' + (values.push ? '-push' : '') + '.test',
  ];
  process.exitCode = spawnSync(process.execPath, jest, { cwd: root, stdio: 'inherit', env }).status ?? 1;
}

try {
  main();
} catch (error) {
  console.error(error.message + '\n\n' + usage);
  process.exitCode = 2;
}
