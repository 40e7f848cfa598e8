import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { PlantedBug } from './planted-bug.js';
import { patched } from './planted-bug.js';

/** The packages of this repository that a simulation consists of. */
const packages = ['core', 'server', 'sim'];
/** The same from the source and from what is built of it. */
const packagesDir = resolve(import.meta.dirname, '../../..');

/**
 * A copy of the built packages that import each other and not the originals; the libraries are shared.
 *
 * @returns the module of the copy's simulation
 */
export function copyBuilt(target: string, bug?: PlantedBug): string {
  for (const name of packages) {
    const [from, to] = [join(packagesDir, name), join(target, name)];
    const isWanted = (path: string): boolean => !/\.(map|d\.ts|tsbuildinfo)$/.test(path);
    mkdirSync(to, { recursive: true });
    cpSync(join(from, 'package.json'), join(to, 'package.json'));
    cpSync(join(from, 'dist'), join(to, 'dist'), { recursive: true, filter: isWanted });
    linkLibraries(join(from, 'node_modules'), join(to, 'node_modules'), target);
  }
  if (bug !== undefined) plant(target, bug);
  return join(target, 'sim', 'dist', 'index.js');
}

function plant(target: string, bug: PlantedBug): void {
  const [name = '', ...path] = bug.file.split('/');
  const file = join(target, name, 'dist', ...path);
  writeFileSync(file, patched(readFileSync(file, 'utf8'), bug));
}

function linkLibraries(from: string, to: string, target: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name.startsWith('.')) continue;
    if (name === '@artemis') linkCopies(readdirSync(join(from, name)), join(to, name), target);
    else if (name.startsWith('@')) linkLibraries(join(from, name), join(to, name), target);
    else symlinkSync(realpathSync(join(from, name)), join(to, name));
  }
}

function linkCopies(names: readonly string[], to: string, target: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of names) symlinkSync(join(target, name), join(to, name));
}
