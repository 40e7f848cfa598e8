// One command at a time changes a cluster.
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandOf } from './process.mjs';
import { say } from './state.mjs';

// The lock is a directory `lock` that holds one file named after its holder's pid. It is taken by renaming a
// prepared directory onto it, which succeeds only while it is missing or empty, and a dead holder's lock is
// broken by deleting the file of that very pid. So no two commands can both believe that they hold it.

function tryTake(dir, lock) {
  const prepared = path.join(dir, `lock.${process.pid}`);
  mkdirSync(prepared, { recursive: true });
  try {
    writeFileSync(path.join(prepared, String(process.pid)), '');
    renameSync(prepared, lock);
    return true;
  } catch (error) {
    rmSync(prepared, { recursive: true, force: true });
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(error.code)) return false;
    throw error;
  }
}

/** The pid of the live holder; breaks the lock of a dead one. */
function holderOf(lock) {
  let names = [];
  try {
    names = readdirSync(lock);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  for (const name of names) {
    if (commandOf(Number(name)).includes('cluster/main.mjs')) return name;
    rmSync(path.join(lock, name), { force: true });
  }
  return undefined;
}

function release(dir, lock) {
  rmSync(path.join(lock, String(process.pid)), { force: true });
  for (const directory of [lock, dir]) {
    try {
      rmdirSync(directory); // goes only when empty: `dir` after `clean`
    } catch {
      return;
    }
  }
}

/** Runs `work` while no other cluster.sh changes this cluster; waits for one that does. */
export async function withLock(dir, work) {
  const lock = path.join(dir, 'lock');
  let told = false;
  while (!tryTake(dir, lock)) {
    const holder = holderOf(lock);
    if (holder === undefined) continue;
    if (!told) say(`waiting for another cluster.sh (process ${holder}) to finish`);
    told = true;
    await sleep(100);
  }
  const atExit = () => release(dir, lock);
  process.once('exit', atExit);
  return work();
}
