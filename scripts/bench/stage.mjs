// A bench's nodes, bare servers, files and ways; everything ends with the stage.
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask, Ended, host, load, until, untilEqual } from './node-client.mjs';
import { freePort, startOn, startScript } from './processes.mjs';
import { Way } from './way.mjs';

const bin = fileURLToPath(new URL('../../packages/cli/bin/artemis.js', import.meta.url));

export class Stage {
  #folder = mkdtempSync(path.join(tmpdir(), 'artemis-bench-'));
  #nodes = [];
  #ends = [];

  /** Called when the stage ends. */
  defer(end) {
    this.#ends.push(end);
  }

  async way(target) {
    const way = await Way.to(target);
    this.defer(() => way.end());
    return way;
  }

  /** Starts a bare server, or another script that says on which port it listens. */
  async script(name, { args = [], place = 'server' } = {}) {
    const started = await startScript(name, args, place);
    this.defer(() => started.process.kill('SIGKILL'));
    return started;
  }

  /**
   * A node that is not started yet. `settings`: lines of TOML by section; `place`: the core where it runs; `env`: what
   * its process finds besides in its environment.
   */
  node(name, port, { peers = [], settings = {}, place = 'any', env = {} } = {}) {
    const file = path.join(this.#folder, `${name}.toml`);
    const sections = {
      server: [`node_id = "${name}"`, `listen_addr = "${host}:${port}"`],
      storage: [`data_dir = "${path.join(this.#folder, name)}"`],
      ratelimit: ['enabled = false'],
      logging: ['level = "warn"'],
      cluster: peers.length === 0 ? [] : ['enabled = true', `peers = ${JSON.stringify(peers)}`],
    };
    for (const [section, lines] of Object.entries(settings))
      sections[section] = [...(sections[section] ?? []), ...lines];
    writeFileSync(
      file,
      Object.entries(sections)
        .map(([section, lines]) => `[${section}]\n${lines.join('\n')}\n`)
        .join('\n'),
    );
    const node = new StageNode({ name, port, file, place, env });
    this.#nodes.push(node);
    return node;
  }

  /** A node without peers that is ready. */
  async single(options) {
    const port = await freePort();
    const node = this.node(`node-${port}`, port, options);
    node.start();
    await node.ready();
    return node;
  }

  /** So many nodes that are each other's peers, ready; the first ones in these places. */
  async cluster(count, { places = [], ...options } = {}) {
    const ports = [];
    for (let index = 0; index < count; index += 1) ports.push(await freePort());
    const nodes = ports.map((port, index) => {
      const peers = ports.filter((other) => other !== port).map((other) => `${host}:${other}`);
      return this.node(`node${index + 1}-${port}`, port, { ...options, peers, place: places[index] });
    });
    for (const node of nodes) node.start();
    await Promise.all(nodes.map((node) => node.ready()));
    return nodes;
  }

  /**
   * Two nodes that know each other by ways which count what passes, with the same instances. The first one has the core of
   * servers for itself.
   */
  async pair(instances, settings = {}) {
    const ports = [await freePort(), await freePort()];
    const ways = [await this.way(ports[1]), await this.way(ports[0])];
    const nodes = ports.map((port, index) =>
      this.node(`of-two-${index + 1}`, port, {
        peers: [ways[index].address],
        settings,
        place: index === 0 ? 'server' : 'any',
      }),
    );
    for (const node of nodes) node.start();
    await Promise.all(nodes.map((node) => node.ready()));
    await load(ports[0], 0, instances);
    await untilEqual(nodes, instances);
    return { nodes, ports, ways, passed: () => ways[0].bytes + ways[1].bytes };
  }

  end() {
    for (const node of this.#nodes) node.signal('SIGKILL');
    for (const end of this.#ends) end();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

class StageNode {
  #env;

  constructor({ name, port, file, place, env }) {
    this.name = name;
    this.port = port;
    this.file = file;
    this.place = place;
    this.#env = env;
  }

  /** Starts the process; does not wait. */
  start() {
    const log = openSync(`${this.file}.log`, 'a');
    this.process = startOn(this.place, [bin, 'server', '--config', this.file], {
      stdio: ['ignore', log, log],
      env: { ...process.env, ...this.#env },
    });
    closeSync(log);
  }

  ready() {
    return until(async () => {
      if (this.process.exitCode !== null)
        throw new Ended(`${this.name} ended:\n${readFileSync(`${this.file}.log`, 'utf8')}`);
      await ask(this.port, 'GET', '/health/ready');
      return true;
    }, `${this.name} is ready`);
  }

  signal(signal) {
    this.process?.kill(signal);
  }

  async stop(signal) {
    const ended = once(this.process, 'exit');
    this.signal(signal);
    await ended;
  }
}
