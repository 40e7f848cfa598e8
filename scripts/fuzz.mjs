// The hostile requests of the end-to-end tests with another seed, more of them, or one alone:
//   npm run fuzz -- [--seed N] [--requests N] [--only INDEX]
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { root } from './pnpm.mjs';
import { build, install } from './prepare.mjs';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, requests: { type: 'string' }, only: { type: 'string' } },
});
const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 31));
install();
build();
console.log(`seed ${seed}`);
const env = {
  ...process.env,
  FUZZ_SEED: seed,
  ...(values.requests && { FUZZ_REQUESTS: values.requests }),
  ...(values.only && { FUZZ_ONLY: values.only }),
};
const args = ['run', 'jest', '--', 'packages/e2e/src/hostile.test.ts'];
process.exitCode = spawnSync('npm', args, { cwd: root, stdio: 'inherit', env }).status ?? 1;
