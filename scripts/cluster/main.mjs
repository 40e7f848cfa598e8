// What cluster.sh runs: reads the command, takes the lock where something changes, reports errors in words.
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { Failure, readShape, say, scriptCommand, stateDirectory } from './state.mjs';
import { start } from './start.mjs';
import { stopNodes, runningNodes } from './process.mjs';
import { showLogs } from './logs.mjs';
import { showStatus } from './status.mjs';

const USAGE = 2;
const DEFAULT_SHAPE = { nodes: 3, basePort: 8080 };

function wholeNumber(text, least, most, what) {
  const value = /^[1-9][0-9]*$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new Failure(`${what} must be a whole number from ${least} to ${most}, not '${text}'`, USAGE);
}

function readStartArguments([nodesText = '3', portText = '8080']) {
  const nodes = wholeNumber(nodesText, 1, 20, 'N, the number of nodes,');
  const basePort = wholeNumber(portText, 1, 65536 - nodes, `base_port for ${nodes} nodes`);
  return { nodes, basePort };
}

async function stop(dir) {
  const running = runningNodes(dir);
  if (running.length === 0) say('nothing is running');
  await stopNodes(running);
}

async function clean(dir) {
  await stopNodes(runningNodes(dir));
  for (const name of ['config', 'logs', 'pids', 'data', 'cluster.json']) {
    rmSync(path.join(dir, name), { recursive: true, force: true });
  }
  say(`deleted ${dir}`);
}

/** Runs one command and answers the exit code. */
async function run(command, args) {
  const most = { start: 2, logs: 1 }[command] ?? 0;
  if (args.length > most) {
    throw new Failure(`too many arguments for ${command}. Try: ${scriptCommand('help')}`, USAGE);
  }
  const dir = stateDirectory();
  switch (command) {
    case 'start': {
      const shape = readStartArguments(args);
      return withLock(dir, () => start(dir, shape));
    }
    case 'restart':
      return withLock(dir, () => start(dir, readShape(dir) ?? DEFAULT_SHAPE, { restart: true }));
    case 'status':
      return showStatus(dir);
    case 'logs':
      return showLogs(dir, args[0]);
    default:
      if (!existsSync(dir)) return say('there is no cluster here');
      return withLock(dir, () => (command === 'stop' ? stop(dir) : clean(dir)));
  }
}

// A reader that goes away (`| head`) must not end a start half way.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

try {
  const [command, ...args] = process.argv.slice(2);
  process.exitCode = (await run(command, args)) ?? 0;
} catch (error) {
  process.stderr.write(`cluster.sh: ${error instanceof Failure ? error.message : error.stack}\n`);
  process.exitCode = error instanceof Failure ? error.exitCode : 1;
}
