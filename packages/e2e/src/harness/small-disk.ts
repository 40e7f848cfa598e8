import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { NodeProcess } from './node-process.js';
import type { Stage } from './stage.js';

const diskBytes = 16 * 1024 * 1024;
const limitBytes = 1024 * 1024;

/** Where a node may keep its store until the room runs out. */
export interface SmallDisk {
  readonly dataDir: string;
  /** No room from here on. */
  fill(node: NodeProcess): void;
  free(node: NodeProcess): void;
}

/** A disk of its own where this process may mount one; else, files of the node may not grow. */
export function smallDisk(stage: Stage): SmallDisk {
  const folder = path.join(stage.folder, 'disk');
  mkdirSync(folder);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', folder]);
  const dataDir = path.join(folder, 'data');
  if (mounted.status !== 0) return { dataDir, fill: (node) => limit(node, limitBytes), free: unlimit };
  stage.defer(() => run('umount', ['-l', folder]));
  const ballast = path.join(folder, 'ballast');
  return { dataDir, fill: () => occupy(ballast), free: () => rmSync(ballast) };
}

/** Writes until nothing more fits. */
function occupy(file: string): void {
  for (const bytes of [64 * 1024, 1]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(bytes), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}

function limit({ pid }: NodeProcess, bytes: number): void {
  run('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:`]);
}

function unlimit({ pid }: NodeProcess): void {
  run('prlimit', [`--pid=${pid}`, '--fsize=unlimited:']);
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
