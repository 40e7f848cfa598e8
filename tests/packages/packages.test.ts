import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { softwareVersion } from '@artemis/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { root } from '../house/markdown.js';
import * as tools from './tools.js';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly type: string;
  readonly sideEffects: unknown;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const names = ['core', 'server', 'web', 'client', 'cli'] as const;
const tarballs = new Map<string, string>();
let folder: string;

beforeAll(async () => {
  folder = await tools.temporaryFolder('packages');
  for (const path of await tools.packInto(join(folder, 'tarballs'))) {
    const name = /^artemis-(\w+)-/.exec(basename(path))?.[1] ?? path;
    tarballs.set(name, path);
  }
}, 300_000);
afterAll(() => tools.removeFolder(folder));

const tarballOf = (name: string): string => tarballs.get(name) ?? 'there is no such tarball';

async function filesOf(name: string): Promise<string[]> {
  const listed = await tools.run('tar', ['-tzf', tarballOf(name)]);
  return listed.split('\n').flatMap((line) => line.match(/^package\/(.+[^/])$/)?.[1] ?? []);
}

const textIn = (name: string, file: string): Promise<string> =>
  tools.run('tar', ['-xzOf', tarballOf(name), `package/${file}`]);

const manifestIn = async (name: string): Promise<Manifest> =>
  JSON.parse(await textIn(name, 'package.json')) as Manifest;

it('there is a tarball of each published package, and of no other', () => {
  expect([...tarballs.keys()].sort()).toEqual([...names].sort());
});

describe.each(names)('the tarball of %s', (name) => {
  it('says what it is, and belongs to the others of its version', async () => {
    const own = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as Manifest;
    const manifest = await manifestIn(name);
    expect(manifest).toMatchObject({
      name: `@artemis/${name}`,
      version: own.version,
      license: 'Apache-2.0',
      type: 'module',
      engines: { node: '>=20.19' },
    });
    expect(manifest.private).toBeUndefined();
    expect(manifest.description.length).toBeGreaterThan(20);
    expect(manifest.keywords).toContain('service-registry');
    expect(manifest.sideEffects).toBeDefined();
    for (const [dependency, range] of Object.entries(manifest.dependencies))
      expect([dependency, range]).toEqual([
        dependency,
        dependency.startsWith('@artemis/') ? own.version : expect.stringMatching(/^[\^~]?\d/),
      ]);
  });

  it('has the licence, a readme, and everything that it points to', async () => {
    const files = await filesOf(name);
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
    expect(await textIn(name, 'LICENSE')).toBe(readFileSync(join(root, 'LICENSE'), 'utf8'));
    const { exports, bin = {} } = await manifestIn(name);
    const targets = [...Object.values(exports), ...Object.values(bin)].flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    );
    const missing = targets.filter((target) => !files.includes(target.replace('./', '')));
    expect(missing).toEqual([]);
    for (const target of Object.values(exports))
      if (typeof target !== 'string') expect(Object.keys(target)).toEqual(['types', 'default']);
  });

  it('holds what was built, with the sources for debuggers, and no test', async () => {
    const files = await filesOf(name);
    expect(files.filter((file) => /\.(test|fixture)\.|tsbuildinfo|node_modules/.test(file))).toEqual([]);
    expect(files.filter((file) => !/^(dist|src|bin)\//.test(file)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'package.json',
    ]);
    const built = files.filter((file) => /^dist\/.*\.js$/.test(file));
    expect(built.length).toBeGreaterThan(0);
    for (const file of built) expect(files).toContain(file.replace('dist/', 'src/').replace(/js$/, 'ts'));
  });

  it('is clean to publint', async () => {
    const manifest = await manifestIn(name);
    const tarball = await readFile(tarballOf(name));
    const { messages } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, { ...manifest }))).toEqual([]);
  });

  it('has types that are not wrong', async () => {
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const args = [attw, tarballOf(name), '--profile', 'esm-only', '--format', 'ascii', '--no-emoji'];
    expect(await tools.run(process.execPath, args)).toContain(`@artemis/${name}`);
  });
});

/** The oldest Node that works, and the newest of long support; elsewhere the one that runs this. */
const nodeVersions = tools.canFetchNode ? ['20.19.0', '24.21.0'] : [process.versions.node];

const compilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  target: 'ES2022',
  lib: ['ES2022'],
  types: ['node'],
  skipLibCheck: false,
};
const resolutions = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext', outDir: 'out' },
  // Only what is found differs, and what is found is checked above.
  bundler: { module: 'esnext', moduleResolution: 'bundler', noEmit: true, skipLibCheck: true },
};

let project: string;
let env: Record<string, string>;

const compilations = new Map<string, Promise<string>>();

/** Compiles the project once. Answers what the compiler says. */
function compile(name: string): Promise<string> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', `tsconfig.${name}.json`];
  const compilation = compilations.get(name) ?? tools.run(process.execPath, args, { cwd: project });
  compilations.set(name, compilation);
  return compilation;
}

/** An empty project of a user who has nothing, and the tarballs. */
async function createProject(): Promise<void> {
  project = join(folder, 'project');
  const home = join(folder, 'home');
  await mkdir(project);
  await mkdir(home);
  env = await tools.freshEnvironment(home);
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  await cp(join(root, 'tests/packages/consumer/main.ts'), join(project, 'main.ts'));
  for (const [name, how] of Object.entries(resolutions)) {
    const config = { compilerOptions: { ...compilerOptions, ...how }, files: ['main.ts'] };
    await writeFile(join(project, `tsconfig.${name}.json`), JSON.stringify(config));
  }
}

describe('the tarballs in an empty project', () => {
  beforeAll(async () => {
    await createProject();
    await Promise.all(nodeVersions.map((version) => tools.nodeBinary(version)));
    // No dependency needs a script of its own.
    const args = ['install', '--ignore-scripts', ...tarballs.values(), '@types/node@20'];
    await tools.run('npm', args, { cwd: project, env });
  }, 600_000);

  it.each(Object.keys(resolutions))('have types for %s', async (name) => {
    expect(await compile(name)).toBe('');
  });

  it.each(nodeVersions)('run on Node %s', async (version) => {
    const node = await tools.nodeBinary(version);
    await compile('nodenext');
    const said = await tools.run(node, ['out/main.js', join(folder, `data-${version}`)], {
      cwd: project,
      env,
    });
    expect(said).toBe(`all right on v${version}\n`);
  });

  it.each(nodeVersions)('bring the artemis command, which runs a node on Node %s', async (version) => {
    const own = tools.withNode(env, await tools.nodeBinary(version));
    const artemis = (...args: string[]) =>
      tools.run('npx', ['--no-install', 'artemis', ...args], { cwd: project, env: own });
    expect(await artemis('version')).toBe(`artemis ${softwareVersion}\n`);
    await writeFile(
      join(project, 'artemis.toml'),
      '[server]\nnode_id = "packed"\n[storage]\nengine = "memory"\n',
    );
    expect(await artemis('check-config', 'artemis.toml')).toContain('packed');
    expect(await serveOnce(own)).toBe(0);
  });
});

/** Starts a node by its command, waits until it is ready, stops it, and answers its exit code. */
async function serveOnce(own: Record<string, string>): Promise<unknown> {
  const args = ['server', '--config', 'artemis.toml', '--addr', '127.0.0.1:0'];
  const server = spawn('node_modules/.bin/artemis', args, { cwd: project, env: own });
  const ended = once(server, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: server.stdout })) {
    lines.push(line);
    if (line.includes('is ready')) break;
  }
  const url = /Listening on (\S+)/.exec(lines.join('\n'))?.[1];
  expect((await fetch(`${url}/health`)).status).toBe(200);
  server.stdout.resume();
  server.kill('SIGTERM');
  const [code] = (await ended) as [unknown];
  return code;
}
