import path from 'node:path';
import { artemisBin, Child, type Exit } from './child.js';
import { writeConfig, type Settings } from './config-file.js';
import { eventually } from './eventually.js';
import { NodeApi } from './node-api.js';
import { freePorts, host } from './ports.js';
import type { Stage } from './stage.js';

/** A node that runs, however it was started. */
export interface RunningNode {
  readonly name: string;
  /** HOST:PORT. */
  readonly address: string;
  readonly api: NodeApi;
  readonly log: string;
}

export interface NodeOptions {
  readonly name: string;
  readonly port: number;
  /** URLs or HOST:PORT. */
  readonly peers?: readonly string[];
  readonly settings?: Settings;
}

const startMs = 30_000;

/** One node, started as `artemis server --config FILE`. Its stage kills it when it ends. */
export class NodeProcess implements RunningNode {
  readonly name: string;
  readonly port: number;
  readonly address: string;
  readonly api: NodeApi;
  readonly configFile: string;
  /** Of its store. The same again for a node that is started anew with the same name and port. */
  readonly dataDir: string;
  readonly #own: Settings;
  readonly #child: Child;

  constructor(stage: Stage, { name, port, peers = [], settings = {} }: NodeOptions) {
    this.name = name;
    this.port = port;
    this.address = `${host}:${port}`;
    this.api = new NodeApi(`http://${this.address}`);
    this.configFile = path.join(stage.folder, `${name}-${port}.toml`);
    this.dataDir = path.join(stage.folder, `data-${name}-${port}`);
    this.#own = {
      server: { node_id: name, listen_addr: this.address },
      storage: { data_dir: this.dataDir },
    };
    this.configure(peers, settings);
    // Should a test have its inspector opened, any port will do.
    const command = ['--inspect-port=0', artemisBin, 'server', '--config', this.configFile];
    this.#child = new Child(process.execPath, command, { cwd: stage.folder });
    stage.watchLog(name, () => this.log);
    stage.defer(async () => {
      this.api.http.close();
      this.#child.signal('SIGKILL');
      await this.#child.exit;
    });
  }

  get log(): string {
    return this.#child.stdout + this.#child.stderr;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get ended(): boolean {
    return this.#child.ended;
  }

  /** Writes the configuration file anew; the node reads it when it is told to. */
  configure(peers: readonly string[], settings: Settings = {}): void {
    const cluster = peers.length === 0 ? {} : { cluster: { enabled: true, peers } };
    writeConfig(this.configFile, this.#own, cluster, settings);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.signal(signal);
  }

  exitWithin(ms: number): Promise<Exit> {
    return this.#child.exitWithin(ms);
  }

  /** Resolves when the node calls itself ready. */
  async ready(): Promise<this> {
    await eventually(
      async () => {
        if (this.ended) return;
        if (!(await this.api.isReady())) throw new Error(`${this.name} is not ready`);
      },
      { within: startMs },
    );
    if (this.ended) throw new Error(`${this.name} ended before it was ready:\n${this.log}`);
    return this;
  }
}

/** Starts a node and waits until it is ready. */
export function startNode(stage: Stage, options: NodeOptions): Promise<NodeProcess> {
  return new NodeProcess(stage, options).ready();
}

/** Starts nodes `node1` … that are all peers of each other, and waits until each sees all others alive. */
export async function startCluster(
  stage: Stage,
  count: number,
  settings: Settings = {},
): Promise<NodeProcess[]> {
  const ports = await freePorts(count);
  const nodes = ports.map((port, index) => {
    const peers = ports.filter((other) => other !== port).map((other) => `${host}:${other}`);
    return new NodeProcess(stage, { name: `node${index + 1}`, port, peers, settings });
  });
  await Promise.all(nodes.map((node) => node.ready()));
  await untilConnected(nodes);
  return nodes;
}

/** Waits until every node sees every peer of its configuration alive. */
export async function untilConnected(nodes: readonly RunningNode[]): Promise<void> {
  await eventually(
    async () => {
      for (const { name, api } of nodes) {
        const away = (await api.cluster()).peers.filter(({ status }) => status !== 'alive');
        if (away.length > 0) throw new Error(`${name} does not see ${away.map(({ url }) => url).join(', ')}`);
      }
    },
    { within: startMs },
  );
}
