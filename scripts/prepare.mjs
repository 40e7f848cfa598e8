// Makes a checkout ready to run: installs what is missing, builds what is stale. Says nothing and takes
// no time when there is nothing to do. cluster.sh and `npm test` call it.
import './node-version.mjs';
import { spawnSync } from 'child_process';
import { createHash } from 'crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'fs';
import { join, resolve } from 'path';
import { fileURLToPath } from 'url';
import { pnpm, root } from './pnpm.mjs';

const packages = readdirSync(join(root, 'packages')).filter((name) =>
  existsSync(join(root, 'packages', name, 'package.json')),
);
const built = packages.filter((name) => existsSync(join(root, 'packages', name, 'tsconfig.json')));

/** A stamp remembers what a finished step was made from. It lives and dies with node_modules. */
const stampFile = (step) => join(root, 'node_modules', '.artemis', step);
const readStamp = (step) => (existsSync(stampFile(step)) ? readFileSync(stampFile(step), 'utf8') : '');

function writeStamp(step, value) {
  mkdirSync(join(root, 'node_modules', '.artemis'), { recursive: true });
  writeFileSync(stampFile(step), value);
}

/** Examples have dependencies of their own, and nothing to compile. */
function exampleManifests() {
  if (!existsSync(join(root, 'examples'))) return [];
  const manifests = readdirSync(join(root, 'examples')).map((name) => join('examples', name, 'package.json'));
  return manifests.filter((manifest) => existsSync(join(root, manifest)));
}

function installStamp() {
  const hash = createHash('sha256').update(process.platform + process.arch);
  const manifests = packages.map((name) => join('packages', name, 'package.json')).concat(exampleManifests());
  for (const file of ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml'].concat(manifests)) {
    hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

function sourcesUnder(folder) {
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push.apply(found, sourcesUnder(path));
    else if (/\.ts$/.test(entry.name) && !/\.(test|fixture)\.ts$/.test(entry.name)) found.push(path);
  }
  return found;
}

function buildStamp() {
  const hash = createHash('sha256').update(readStamp('install'));
  const files = [join(root, 'tsconfig.base.json'), join(root, 'tsconfig.json')];
  for (const name of built) {
    const home = join(root, 'packages', name);
    files.push(join(home, 'tsconfig.json'));
    files.push.apply(files, sourcesUnder(join(home, 'src')));
  }
  for (const file of files) {
    const stat = statSync(file);
    hash.update(file + ':' + stat.size + ':' + stat.mtimeMs + '\n');
  }
  return hash.digest('hex');
}

const reasons = [
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|EHOSTUNREACH|META_FETCH_FAIL/,
    'the package registry cannot be reached. Check the network and the proxy settings (npm config get registry).',
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/,
    'the certificate of the package registry is not trusted (npm config get cafile).',
  ],
  [
    /ERR_PNPM_OUTDATED_LOCKFILE/,
    'pnpm-lock.yaml does not match the package.json files. Run: node scripts/pnpm.mjs install --no-frozen-lockfile',
  ],
  [/ENOSPC/, 'the disk is full.'],
  [/EACCES|EPERM|EROFS/, 'this folder, or the cache of npm or pnpm, may not be written to.'],
  [
    /INTEGRITY/,
    'a downloaded package is damaged. Try again; if it stays so, clear the cache: npm cache clean --force',
  ],
];

/** npm prints the stack of its own error. */
const isStackLine = (line) => /^npm error (\s+at |\s+\w+: |\}|$)/.test(line);

function fail(step, output, reason) {
  const lines = output
    .trim()
    .split('\n')
    .filter((line) => !isStackLine(line));
  if (output) console.error(lines.slice(-30).join('\n') + '\n');
  throw new Error(step + ' failed: ' + reason);
}

/** Installs the locked dependencies if they are missing or not those of the lockfile. Throws with the reason. */
export function install() {
  const stamp = installStamp();
  if (readStamp('install') === stamp) return;
  console.log('Installing dependencies (the first time takes a minute) ...');
  const result = pnpm(['install', '--frozen-lockfile', '--reporter=append-only'], { encoding: 'utf8' });
  if (result.error && result.error.code === 'ENOENT')
    fail('Install', '', 'npm is not on the PATH; it comes with Node.');
  const output = String(result.stdout) + String(result.stderr);
  if (result.status !== 0) {
    const known = reasons.find((reason) => reason[0].test(output));
    fail('Install', output, known ? known[1] : 'see the output above.');
  }
  writeStamp('install', stamp);
}

/** Compiles the packages if a source changed since the last time. Throws with the compiler's output printed. */
export function build() {
  const stamp = buildStamp();
  const isComplete = built.every((name) => existsSync(join(root, 'packages', name, 'dist', '.tsbuildinfo')));
  if (isComplete && readStamp('build') === stamp) return;
  console.log('Building ...');
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const result = spawnSync(process.execPath, [tsc, '-b'], { cwd: root, encoding: 'utf8' });
  if (result.status !== 0) fail('Build', result.stdout + result.stderr, 'see the compiler output above.');
  writeStamp('build', stamp);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    install();
    build();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
