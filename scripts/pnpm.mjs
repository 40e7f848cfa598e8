// Runs the pnpm version that package.json pins, without one being installed:
//   node scripts/pnpm.mjs install
import './node-version.mjs';
import { spawnSync } from 'child_process';
import { readFileSync } from 'fs';
import { tmpdir } from 'os';
import { dirname, resolve } from 'path';
import { fileURLToPath } from 'url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const pinned = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')).packageManager;

const onWindows = process.platform === 'win32';

// The retries are quicker than npm's own, which let a machine without network wait for more than a minute.
const viaNpm = [
  'exec',
  '--yes',
  '--loglevel=error',
  '--prefer-offline',
  '--fetch-retry-mintimeout=2000',
].concat(['--fetch-retry-factor=3', '--package=' + pinned, '--', 'pnpm']);

/** True when the pinned version is the one on PATH. Asked outside the checkout, where pnpm speaks for itself. */
function isOnPath() {
  const env = Object.assign({}, process.env, { COREPACK_ENABLE_NETWORK: '0' });
  const answer = spawnSync('pnpm', ['--version'], { cwd: tmpdir(), encoding: 'utf8', env, shell: onWindows });
  return answer.status === 0 && 'pnpm@' + answer.stdout.trim() === pinned;
}

/**
 * Runs pnpm with `args` at the root of the checkout. `options` are those of spawnSync.
 * CI=true keeps pnpm from asking questions.
 */
export function pnpm(args, options) {
  const env = Object.assign({}, process.env, { CI: 'true' });
  // With NODE_ENV=production pnpm would leave out what builds and tests the project.
  delete env.NODE_ENV;
  const settings = Object.assign({ cwd: root, env, shell: onWindows }, options);
  if (isOnPath()) return spawnSync('pnpm', args, settings);
  return spawnSync('npm', viaNpm.concat(args), settings);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const result = pnpm(process.argv.slice(2), { stdio: 'inherit' });
  if (result.error) console.error('Could not run pnpm: ' + result.error.message);
  process.exitCode = result.status === null ? 1 : result.status;
}
