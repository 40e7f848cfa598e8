// Node processes: started so that they outlive this script, recognised before they are touched, stopped gently.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf } from './config.mjs';
import { Failure, checkout, filesOf, readText, say } from './state.mjs';

/** Keys that `start` decides node by node: from the environment they would be the same for all. */
const DECIDED = [
  'SERVER_NODE_ID',
  'SERVER_LISTEN_ADDR',
  'SERVER_ADVERTISE_ADDR',
  'CLUSTER_ENABLED',
  'CLUSTER_PEERS',
  'STORAGE_DATA_DIR',
].map((key) => `ARTEMIS_${key}`);

/** Command line of a process, '' when there is no such process (or only its remains). */
export function commandOf(pid) {
  if (!Number.isInteger(pid) || pid < 2) return '';
  if (!existsSync('/proc/self/cmdline')) {
    return (
      spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? ''
    );
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
  } catch {
    return '';
  }
}

/** Whether a process is the node that runs with this configuration file, and not another that got its pid. */
function isNode(pid, config) {
  return commandOf(pid).endsWith(` server --config ${config}`);
}

/** Our process of a node: its pid, or undefined. Pass `tidy` to remove a pid file that names no such process. */
export function pidOf(name, files, { tidy = false } = {}) {
  const text = readText(files.pid);
  if (text === undefined) return undefined;
  const pid = Number(text.trim());
  if (isNode(pid, files.config)) return pid;
  if (tidy) {
    say(
      `${name}: process ${text.trim()} is ${commandOf(pid) ? 'not ours any more' : 'gone'}; removed its pid file`,
    );
    rmSync(files.pid, { force: true });
  }
  return undefined;
}

/** Every node of ours that runs, members of the present shape or not; tidies stale pid files. */
export function runningNodes(dir) {
  const pids = path.join(dir, 'pids');
  const names = existsSync(pids) ? readdirSync(pids).filter((file) => /^node\d+\.pid$/.test(file)) : [];
  return names
    .map((file) => path.basename(file, '.pid'))
    .map((name) => ({ name, files: filesOf(dir, name) }))
    .map((node) => ({ ...node, pid: pidOf(node.name, node.files, { tidy: true }) }))
    .filter((node) => node.pid !== undefined)
    .map((node) => ({ ...node, address: addressOf(dir, node.name) }));
}

function program() {
  const own = process.env.ARTEMIS_BIN;
  const file = own ? path.resolve(own) : path.join(checkout, 'packages/cli/bin/artemis.js');
  return /\.[cm]?js$/.test(file) ? [process.execPath, file] : [file];
}

/** The caller's variables that the nodes must not see. */
export function withheldVariables() {
  return DECIDED.filter((name) => process.env[name] !== undefined);
}

/** Starts a node in a session of its own, its output appended to its log. */
export async function launch({ name, files }) {
  for (const file of [files.log, files.pid]) mkdirSync(path.dirname(file), { recursive: true });
  mkdirSync(files.data, { recursive: true });
  const [command, ...args] = program();
  const env = { ...process.env };
  for (const variable of DECIDED) delete env[variable];
  const log = openSync(files.log, 'a');
  try {
    // Its own working directory, so that a relative path in a setting is never shared by two nodes.
    const child = spawn(command, [...args, 'server', '--config', files.config], {
      cwd: files.data,
      detached: true,
      env,
      stdio: ['ignore', log, log],
    });
    await once(child, 'spawn');
    child.unref();
    writeFileSync(files.pid, `${child.pid}\n`);
  } catch (error) {
    throw new Failure(`${name} cannot be started: ${error.message}`);
  } finally {
    closeSync(log);
  }
}

/** How long a node may take to stop: its drain time and some. */
function patienceMs(config) {
  const [, inFile] = /^\s*drain_timeout_secs\s*=\s*(\d+)/m.exec(readText(config) ?? '') ?? [];
  const secs = Number(process.env.ARTEMIS_SERVER_DRAIN_TIMEOUT_SECS || inFile || 10);
  return ((Number.isFinite(secs) ? secs : 10) + 5) * 1000;
}

async function isGone(pid, config, withinMs) {
  const deadline = Date.now() + withinMs;
  while (isNode(pid, config)) {
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

/** Sends a signal; a process that has just ended is fine. */
export function signal({ name, pid }, which) {
  try {
    process.kill(pid, which);
  } catch (error) {
    if (error.code !== 'ESRCH') throw new Failure(`${name} (pid ${pid}) cannot be stopped: ${error.message}`);
  }
}

/** Stops nodes, all at once: SIGTERM, patience, SIGKILL. */
export async function stopNodes(nodes) {
  for (const node of nodes) signal(node, 'SIGTERM');
  await Promise.all(
    nodes.map(async (node) => {
      const patience = patienceMs(node.files.config);
      const willing = await isGone(node.pid, node.files.config, patience);
      if (!willing) {
        say(`${node.name} did not stop within ${patience / 1000} s: killing process ${node.pid}`);
        signal(node, 'SIGKILL');
        await isGone(node.pid, node.files.config, 5000);
      }
      rmSync(node.files.pid, { force: true });
      say(`${node.name} stopped`);
    }),
  );
}
