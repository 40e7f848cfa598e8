import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { checkout, Child, readLog, type ChildOptions, type Exit } from './child.js';
import { NodeApi } from './node-api.js';
import type { RunningNode } from './node-process.js';
import { host } from './ports.js';
import type { Stage } from './stage.js';

const longestMs = 100_000;

export interface Outcome extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

export interface ClusterScriptOptions {
  readonly basePort: number;
  /** Folder of the stage that holds `.cluster`. Default: `cluster`. */
  readonly folder?: string;
}

/** `cluster.sh` with its state in a folder of the stage. The stage ends every node that is left. */
export class ClusterScript {
  readonly basePort: number;
  /** What ARTEMIS_CLUSTER_DIR says. */
  readonly home: string;
  readonly #stage: Stage;

  constructor(stage: Stage, { basePort, folder = 'cluster' }: ClusterScriptOptions) {
    this.#stage = stage;
    this.basePort = basePort;
    this.home = path.join(stage.folder, folder);
    mkdirSync(this.home, { recursive: true });
    stage.defer(async () => {
      const { code, stderr } = await this.run(['clean']);
      const left = nodesUnder(this.home);
      for (const pid of left) process.kill(pid, 'SIGKILL');
      if (code !== 0) throw new Error(`cluster.sh clean ended with ${code}: ${stderr}`);
      if (left.length > 0) throw new Error(`cluster.sh clean left processes behind: ${left.join(', ')}`);
    });
  }

  /** Begins a command and does not wait for it. */
  spawn(args: readonly string[], options: ChildOptions & { readonly script?: string } = {}): Child {
    const { script = path.join(checkout, 'cluster.sh'), env, ...rest } = options;
    return new Child(script, args, { ...rest, env: { ARTEMIS_CLUSTER_DIR: this.home, ...env } });
  }

  /** Runs a command to its end. */
  async run(args: readonly string[], options: Parameters<ClusterScript['spawn']>[1] = {}): Promise<Outcome> {
    const child = this.spawn(args, options);
    const exit = await child.exitWithin(longestMs);
    return { ...exit, stdout: child.stdout, stderr: child.stderr };
  }

  /** Runs `start N` at the base port, and throws unless it succeeds. */
  async start(count: number): Promise<RunningNode[]> {
    const { code, stdout, stderr } = await this.run(['start', String(count), String(this.basePort)]);
    if (code !== 0) throw new Error(`cluster.sh start ended with ${code}:\n${stdout}\n${stderr}`);
    return Array.from({ length: count }, (_, index) => this.node(index + 1));
  }

  /** Node number `number`, whether it runs or not. */
  node(number: number): RunningNode {
    const name = `node${number}`;
    const address = `${host}:${this.basePort + number - 1}`;
    const api = new NodeApi(`http://${address}`);
    const read = (): string => readLog(this.file('logs', `${name}.log`));
    this.#stage.watchLog(name, read);
    this.#stage.defer(() => api.http.close());
    return {
      name,
      address,
      api,
      get log() {
        return read();
      },
    };
  }

  /** Path of a file of the cluster's state. */
  file(...parts: readonly string[]): string {
    return path.join(this.home, '.cluster', ...parts);
  }

  /** Pid of a node, as its file says. */
  pidOf(number: number): number {
    return Number(readFileSync(this.file('pids', `node${number}.pid`), 'utf8'));
  }
}

/** Pids of the nodes whose configuration lies under this folder. */
export function nodesUnder(folder: string): number[] {
  const { stdout, error } = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,command='], { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`ps is needed, of Debian's package procps: ${error.message}`);
  return stdout
    .split('\n')
    .filter((line) => line.includes(`--config ${folder}`))
    .map((line) => Number.parseInt(line, 10));
}
