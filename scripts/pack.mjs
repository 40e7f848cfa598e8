// Makes the tarballs of the packages that are published, from sources that are built anew where they are stale:
//   npm run pack [FOLDER]        default: dist/
import './node-version.mjs';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'fs';
import { join, resolve } from 'path';
import { pathToFileURL } from 'url';
import { pnpm, root } from './pnpm.mjs';
import { build, install } from './prepare.mjs';

const manifestOf = (name) => JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));

/** Folders under packages/ of what is published, each after those that it needs. */
export const published = ['core', 'server', 'web', 'client', 'cli'];

/** Outputs of sources that are there no more: the compiler leaves them behind. */
function staleOutputs(name, folder = 'dist') {
  const home = join(root, 'packages', name);
  return readdirSync(join(home, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return staleOutputs(name, path);
    const source = path.replace(/^dist/, 'src').replace(/(\.d)?\.[cm]?[jt]s(\.map)?$/, '.ts');
    return source === path || !source.endsWith('.ts') || existsSync(join(home, source)) ? [] : [path];
  });
}

/** Packs every published package into a folder, which is made. Answers the paths of the tarballs, in order. */
export function pack(folder) {
  install();
  build();
  for (const name of published) {
    for (const path of staleOutputs(name)) rmSync(join(root, 'packages', name, path));
  }
  mkdirSync(folder, { recursive: true });
  const filter = '--filter=./packages/{' + published.join(',') + '}';
  const result = pnpm(['-r', filter, 'pack', '--pack-destination', resolve(folder)], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error('Packing failed:\n' + result.stdout + result.stderr);
  return published.map((name) => {
    const { name: full, version } = manifestOf(name);
    return join(resolve(folder), full.slice(1).replace('/', '-') + '-' + version + '.tgz');
  });
}

if (process.argv[1] && pathToFileURL(resolve(process.argv[1])).href === import.meta.url) {
  try {
    for (const tarball of pack(process.argv[2] || join(root, 'dist'))) console.log(tarball);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
