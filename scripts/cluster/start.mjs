// `start` and `restart`: look at everything first, then change as little as the wish needs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostPort, planNodes } from './config.mjs';
import { printHints } from './hints.mjs';
import { lastLines } from './logs.mjs';
import { get, whyNotFree } from './probe.mjs';
import { launch, pidOf, runningNodes, signal, stopNodes, withheldVariables } from './process.mjs';
import { Failure, checkout, say, scriptCommand, writeShape } from './state.mjs';

const INTERRUPTED = 130;

function readTimeoutMs() {
  const text = process.env.ARTEMIS_CLUSTER_TIMEOUT || '60';
  const secs = Number(text);
  if (secs > 0 && secs < 1e6) return secs * 1000;
  throw new Failure(`ARTEMIS_CLUSTER_TIMEOUT must be a number of seconds above 0, not '${text}'`, 2);
}

function refuseEdited(nodes) {
  const edited = nodes.filter((node) => node.action === 'edited');
  if (edited.length === 0) return;
  const help = edited.map(
    (node) =>
      `  ${node.files.config}\n    to keep your edits, adapt them (listen_addr, peers) and make this its first line:\n    ${node.header}`,
  );
  throw new Failure(
    `an edited configuration does not fit this cluster; nothing was changed:\n${help.join('\n')}\n` +
      `  to have it written afresh, move the file away and start again`,
  );
}

async function refuseTaken(nodes, running, shape) {
  const ours = new Set(running.map((node) => hostPort(node.address)));
  const lines = [];
  for (const { name, address } of nodes) {
    const reason = ours.has(hostPort(address)) ? undefined : await whyNotFree(address);
    if (reason) lines.push(`port ${address.port} for ${name} ${reason}`);
  }
  if (lines.length === 0) return;
  const other = shape.basePort < 40000 ? shape.basePort + 1000 : shape.basePort - 10000;
  throw new Failure(
    `${lines.join('\n')}\nnothing was started. Free it, or use other ports: ${scriptCommand(`start ${shape.nodes} ${other}`)}`,
  );
}

/** Installs and builds what is missing; a program of the user's own needs none of it. */
function prepare() {
  if (process.env.ARTEMIS_BIN) return;
  const { status } = spawnSync(process.execPath, [path.join(checkout, 'scripts/prepare.mjs')], {
    cwd: checkout,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Failure('Artemis could not be built; see above. Nothing was started.');
}

/** One run of `start`: remembers what it started, so that it can take it back. */
class Start {
  #timeoutMs;
  #started = [];

  constructor(timeoutMs) {
    this.#timeoutMs = timeoutMs;
  }

  async launchAll(nodes) {
    for (const node of nodes) {
      mkdirSync(path.dirname(node.files.config), { recursive: true });
      if (node.action === 'write') writeFileSync(node.files.config, node.text);
      node.logFrom = existsSync(node.files.log) ? statSync(node.files.log).size : 0;
      this.#started.push(node);
      await launch(node);
      say(`${node.name} starting on ${hostPort(node.address)}`);
    }
  }

  /** Waits until all these nodes are ready and says so one by one. */
  async waitUntilReady(nodes) {
    const deadline = Date.now() + this.#timeoutMs;
    let waiting = nodes;
    while (waiting.length > 0) {
      const answers = await Promise.all(waiting.map((node) => get(node.address, '/health/ready')));
      waiting = waiting.filter((node, index) => {
        const pid = pidOf(node.name, node.files);
        if (pid === undefined) throw this.#failure(node, 'ended before it was ready');
        if (answers[index]?.status === 200)
          say(`${node.name} ready at http://${hostPort(node.address)} (pid ${pid})`);
        else if (Date.now() > deadline) throw this.#failure(node, this.#lateness(answers[index]));
        return answers[index]?.status !== 200;
      });
      if (waiting.length > 0) await sleep(100);
    }
  }

  #lateness(answer) {
    const last = answer
      ? `its last answer was ${answer.status} ${answer.text.slice(0, 300).trim()}`
      : 'it did not answer';
    return `was not ready within ${this.#timeoutMs / 1000} s (ARTEMIS_CLUSTER_TIMEOUT); ${last}`;
  }

  #failure(node, what) {
    const lines = lastLines(node.files.log, 20, node.logFrom).map((line) => `  ${line}`);
    return new Failure([`${node.name} ${what}. The end of ${node.files.log}:`, ...lines].join('\n'));
  }

  #alive() {
    return this.#started
      .map((node) => ({ ...node, pid: pidOf(node.name, node.files) }))
      .filter((node) => node.pid !== undefined);
  }

  async takeBack() {
    await stopNodes(this.#alive());
    for (const { files } of this.#started) rmSync(files.pid, { force: true });
  }

  /** Ctrl-C: the nodes are asked to stop, nobody waits for them. */
  interrupt() {
    for (const node of this.#alive()) signal(node, 'SIGTERM');
    process.exit(INTERRUPTED);
  }
}

async function bringAbout(run, { missing, changed, untouched, surplus, moved }) {
  if (surplus.length > 0)
    say(`not part of this cluster any more: ${surplus.map((node) => node.name).join(', ')}`);
  await stopNodes(surplus);
  if (moved) {
    say('the addresses change: stopping the running nodes first');
    await stopNodes(changed);
  }
  const first = moved ? [...changed, ...missing] : missing;
  await run.launchAll(first);
  await run.waitUntilReady(first);
  for (const node of moved ? [] : changed) {
    say(`${node.name} restarting${node.action === 'write' ? ', its configuration has changed' : ''}`);
    await stopNodes([node]);
    await run.launchAll([node]);
    await run.waitUntilReady([node]);
  }
  await run.waitUntilReady(untouched);
}

/** Brings about a cluster of this shape. `restart` also restarts nodes whose configuration stays as it is. */
export async function start(dir, shape, { restart = false } = {}) {
  const run = new Start(readTimeoutMs());
  const running = runningNodes(dir);
  const byName = new Map(running.map((node) => [node.name, node]));
  const nodes = planNodes(dir, shape).map((node) => ({ ...node, pid: byName.get(node.name)?.pid }));
  refuseEdited(nodes);
  await refuseTaken(nodes, running, shape);

  const missing = nodes.filter((node) => node.pid === undefined);
  const changed = nodes.filter((node) => node.pid !== undefined && (restart || node.action === 'write'));
  const untouched = nodes.filter((node) => node.pid !== undefined && !changed.includes(node));
  const surplus = running.filter((node) => !nodes.some((member) => member.name === node.name));
  const moved = changed.some((node) => hostPort(node.address) !== hostPort(byName.get(node.name).address));
  const nothingToDo = untouched.length === nodes.length && surplus.length === 0;
  if (!nothingToDo) prepare();
  for (const name of nothingToDo ? [] : withheldVariables())
    say(`${name} is not passed on: start decides it`);

  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => run.interrupt());
  try {
    writeShape(dir, shape);
    await bringAbout(run, { missing, changed, untouched, surplus, moved });
  } catch (error) {
    await run.takeBack();
    throw error;
  }
  if (nothingToDo) say(`already running. To apply edited files: ${scriptCommand('restart')}`);
  else printHints(nodes);
  return 0;
}
