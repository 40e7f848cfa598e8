// The processes of a bench and where they run: the load has one core, what is measured another one, as far as the
// system can do that. Otherwise the load would slow down what it measures. What stands for another machine runs on the
// core of the load, and only while that has nothing to do.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { host } from './node-client.mjs';

const canPin = cpus().length > 1 && spawnSync('taskset', ['--version']).error === undefined;
const canYield = canPin && spawnSync('chrt', ['--version']).error === undefined;
const cores = { load: '0', server: '1', apart: '0', any: `0-${cpus().length - 1}` };

/** Gives this process the core of the load; answers how the processes are placed, for people. */
export function placeLoad() {
  if (!canPin) return 'not pinned: the load and what is measured share the cores';
  spawnSync('taskset', ['-a', '-c', '-p', cores.load, String(process.pid)]);
  return 'the load on core 0, one server on core 1, several on any';
}

/** Has a thread, or with `-a` all of a process, scheduled in this way. */
const schedule = (pid, ...how) =>
  canYield && spawnSync('chrt', [...how.slice(0, -1), '-p', how.at(-1), String(pid)]);

/**
 * Has a process with all its threads go before everything that shares its core, where the system lets it. That the others
 * yield is not enough: the scheduler of Linux holds it against a thread of a high weight that it ran a little longer than
 * its share, and has those of a low weight run for milliseconds first.
 */
export function goFirst({ pid }) {
  // In turns: threads of one process sometimes wait for each other in a circle, which with `--fifo` never ends.
  schedule(pid, '-a', '--rr', '1');
}

/** Runs a task during which this process goes first. */
export async function loadFirst(task) {
  goFirst(process);
  try {
    return await task();
  } finally {
    schedule(process.pid, '-a', '--other', '0');
  }
}

const policyAt = (place) => (place === 'apart' ? '--idle' : '--other');

/** Starts Node.js on 'load', 'server' or 'any' core, or 'apart'. */
export function startOn(place, args, options) {
  const pinned = canPin ? ['taskset', '-c', cores[place]] : [];
  const yielding = canYield ? ['chrt', policyAt(place), '0'] : [];
  const [command, ...rest] = [...pinned, ...yielding, process.execPath, ...args];
  return spawn(command, rest, options);
}

/** Moves a process that runs, with all its threads. */
export function moveTo(place, { pid }) {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', cores[place], String(pid)]);
  schedule(pid, '-a', policyAt(place), '0');
}

/** Starts a script of this folder, which says on which port it listens. */
export async function startScript(name, args, place) {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const started = startOn(place, [file, ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await Promise.race([
    once(started.stdout, 'data').then(([bytes]) => bytes.toString()),
    once(started, 'exit').then(() => Promise.reject(new Error(`${name} ended at once`))),
  ]);
  return { port: Number(line), process: started };
}

export async function freePort() {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Bytes of a process that are in memory: `anonymous` is what it has itself, `mapped` are pages of files, which the
 * system can take back at any time. `undefined` where the system does not say.
 */
export function memoryOf({ pid }) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const bytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
    return { anonymous: bytes('RssAnon'), mapped: bytes('RssFile') };
  } catch {
    return undefined;
  }
}
