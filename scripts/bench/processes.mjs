// The processes of a bench and where they run: the load has one core, what is measured another one, as far as the
// system can do that. Otherwise the load would slow down what it measures.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { host } from './node-client.mjs';

const canPin = cpus().length > 1 && spawnSync('taskset', ['--version']).error === undefined;
const cores = { load: '0', server: '1', any: `0-${cpus().length - 1}` };

/** Sets the priority where that is allowed; answers whether it is. */
function prioritize(pid, priority) {
  try {
    setPriority(pid, priority);
    return true;
  } catch {
    return false;
  }
}

/**
 * Gives this process the core of the load, and where that is allowed lets it run before what shares the core with it:
 * clients are other machines in life, and times would else hold what the load itself had to wait. Answers how the
 * processes are placed, for people.
 */
export function placeLoad() {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', cores.load, String(process.pid)]);
  const isFirst = prioritize(process.pid, -10);
  const placed = canPin
    ? 'the load on core 0, one server on core 1, several on any'
    : 'not pinned: the load and what is measured share the cores';
  return isFirst ? `${placed}; the load goes first` : placed;
}

/** Starts Node.js on 'load', 'server' or 'any' core. */
export function startOn(place, args, options) {
  const [command, ...rest] = canPin
    ? ['taskset', '-c', cores[place], process.execPath, ...args]
    : [process.execPath, ...args];
  const started = spawn(command, rest, options);
  // It has inherited the priority of the load.
  prioritize(started.pid, 0);
  return started;
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
