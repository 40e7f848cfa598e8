// Where things are: the checkout, the state directory, and the files of one node in it.
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = fileURLToPath(new URL('../../', import.meta.url));

/** Something the user can understand and mend; shown without a stack. */
export class Failure extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** The state directory. Its real path, because running nodes are recognised by the path of their configuration. */
export function stateDirectory() {
  const home = path.resolve(process.env.ARTEMIS_CLUSTER_DIR || checkout);
  return path.join(existsSync(home) ? realpathSync(home) : home, '.cluster');
}

/** The files of one node, for example `node1`. */
export function filesOf(dir, name) {
  return {
    config: path.join(dir, 'config', `${name}.toml`),
    log: path.join(dir, 'logs', `${name}.log`),
    pid: path.join(dir, 'pids', `${name}.pid`),
    data: path.join(dir, 'data', name),
  };
}

/** Text of a file, or undefined when there is none. */
export function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Number of nodes and base port of the last start, or undefined. */
export function readShape(dir) {
  try {
    const { nodes, base_port: basePort } = JSON.parse(readText(path.join(dir, 'cluster.json')) ?? '');
    return Number.isInteger(nodes) && Number.isInteger(basePort) ? { nodes, basePort } : undefined;
  } catch {
    return undefined;
  }
}

export function writeShape(dir, { nodes, basePort }) {
  writeFileSync(path.join(dir, 'cluster.json'), `${JSON.stringify({ nodes, base_port: basePort })}\n`);
}

const quote = (text) => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** A cluster.sh command that can be pasted where the user stands now. */
export function scriptCommand(rest) {
  const here = path.relative(checkout, process.cwd()) === '';
  const home = process.env.ARTEMIS_CLUSTER_DIR;
  const prefix = home ? `ARTEMIS_CLUSTER_DIR=${quote(path.resolve(home))} ` : '';
  return `${prefix}${here ? './cluster.sh' : quote(path.join(checkout, 'cluster.sh'))} ${rest}`;
}
