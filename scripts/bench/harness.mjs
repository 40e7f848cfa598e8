// What the benches share: real nodes, ways between them that count bytes, a client, and a heartbeat that is timed.
import '../node-version.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const host = '127.0.0.1';
const agent = new Agent({ keepAlive: true, maxSockets: 16 });

/** One JSON request; answers the text of the body. */
export function ask(port, method, path, body) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers =
    text === undefined
      ? {}
      : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
  if (path.startsWith('/api/replication/')) headers['X-Artemis-Replication'] = 'true';
  return new Promise((resolve, reject) => {
    const asked = request({ agent, host, port, method, path, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(answer);
        else reject(new Error(`${method} ${path}: HTTP ${response.statusCode} ${answer.slice(0, 200)}`));
      });
    });
    asked.on('error', reject);
    asked.end(text);
  });
}

export async function register(port, instances) {
  const answer = await ask(port, 'POST', '/api/registry/register.json', { instances });
  if (!answer.includes('"success"')) throw new Error(answer.slice(0, 300));
}

export async function statusOf(port) {
  return JSON.parse(await ask(port, 'GET', '/api/status/node.json'));
}

/** The instance of that number, in one of `services` services, with a lease that outlives the bench. */
export function instance(number, { services = 1000, prefix = 'service' } = {}) {
  return {
    region_id: 'local',
    zone_id: 'zone1',
    service_id: `${prefix}-${number % services}`,
    instance_id: `instance-${number}`,
    ip: '10.0.0.1',
    port: 8080,
    url: 'http://10.0.0.1:8080',
    status: 'up',
    metadata: { version: '1.0.0' },
    lease_ttl_secs: 1500,
  };
}

export function keyOf({ region_id, zone_id, service_id, instance_id }) {
  return { region_id, zone_id, service_id, instance_id };
}

/** Registers the instances of these numbers, a thousand at a time. */
export async function load(port, from, to, options) {
  for (let next = from; next < to; next += 1000) {
    const size = Math.min(1000, to - next);
    await register(
      port,
      Array.from({ length: size }, (_, index) => instance(next + index, options)),
    );
  }
}

/** A node is gone: nothing is left to wait for. */
class Ended extends Error {}

/** Asks again until the answer is no longer `undefined`. */
export async function until(condition, what, limitMs = 120_000) {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await condition().catch((error) => {
      if (error instanceof Ended) throw error;
      return undefined;
    });
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await sleep(20);
  }
}

/** Resolves when all nodes are ready and have the same root digest; answers their status. */
export function untilEqual(nodes, live) {
  return until(async () => {
    const all = await Promise.all(nodes.map(({ port }) => statusOf(port)));
    const [{ root_digest: digest }] = all;
    const equal = all.every((one) => one.root_digest === digest && one.synced && one.live_records === live);
    return digest !== undefined && equal ? all : undefined;
  }, `${nodes.length} nodes hold the same ${live} instances`);
}

export async function freePort() {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** A way to a port that counts what passes, and can be cut. */
export class Way {
  #sockets = new Set();
  #cut = false;
  bytes = 0;

  static async to(target) {
    const way = new Way();
    way.server = createServer((caller) => way.#join(caller, target)).listen(0, host);
    await once(way.server, 'listening');
    way.port = way.server.address().port;
    way.address = `${host}:${way.port}`;
    return way;
  }

  cut() {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend() {
    this.#cut = false;
  }

  end() {
    this.cut();
    this.server.close();
  }

  #join(caller, target) {
    if (this.#cut) return caller.destroy();
    const called = connect({ host, port: target });
    const close = () => {
      caller.destroy();
      called.destroy();
      this.#sockets.delete(caller);
      this.#sockets.delete(called);
    };
    for (const [from, to] of [
      [caller, called],
      [called, caller],
    ]) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (bytes) => {
        this.bytes += bytes.length;
        to.write(bytes);
      });
      from.on('error', close).on('close', close);
    }
    return undefined;
  }
}

/** A bench's nodes, files and ways; everything ends with {@link Bench.end}. */
export class Bench {
  #folder = mkdtempSync(path.join(tmpdir(), 'artemis-bench-'));
  #nodes = [];
  #ways = [];
  #ends = [];

  async way(target) {
    const way = await Way.to(target);
    this.#ways.push(way);
    return way;
  }

  /** Called when the bench ends. */
  defer(end) {
    this.#ends.push(end);
  }

  /** A node that is not started yet. `settings`: lines of TOML by section. */
  async node(name, port, peers = [], settings = {}) {
    const file = path.join(this.#folder, `${name}.toml`);
    const sections = {
      server: [`node_id = "${name}"`, `listen_addr = "${host}:${port}"`, ...(settings.server ?? [])],
      storage: [`data_dir = "${path.join(this.#folder, name)}"`, ...(settings.storage ?? [])],
      ratelimit: ['enabled = false'],
      logging: ['level = "warn"'],
      cluster: peers.length === 0 ? [] : ['enabled = true', `peers = ${JSON.stringify(peers)}`],
    };
    for (const [section, lines] of Object.entries(settings)) {
      if (section !== 'server' && section !== 'storage')
        sections[section] = [...(sections[section] ?? []), ...lines];
    }
    writeFileSync(
      file,
      Object.entries(sections)
        .map(([section, lines]) => `[${section}]\n${lines.join('\n')}\n`)
        .join('\n'),
    );
    const node = new BenchNode(name, port, file);
    this.#nodes.push(node);
    return node;
  }

  end() {
    for (const node of this.#nodes) node.signal('SIGKILL');
    for (const way of this.#ways) way.end();
    for (const end of this.#ends) end();
    agent.destroy();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

class BenchNode {
  constructor(name, port, file) {
    this.name = name;
    this.port = port;
    this.file = file;
  }

  /** Starts the process; does not wait. */
  start() {
    const bin = path.join(root, 'packages/cli/bin/artemis.js');
    const log = openSync(`${this.file}.log`, 'a');
    this.process = spawn(process.execPath, [bin, 'server', '--config', this.file], {
      stdio: ['ignore', log, log],
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

/**
 * Times heartbeats of one instance each against a node, sent at a steady pace whatever the answers do, each timed from
 * when it was due: a node that stalls cannot hide it by holding up the next heartbeat.
 */
export class HeartbeatTimer {
  #times = [];
  #running = true;
  #done;

  constructor(port, keys, perSecond = 250) {
    this.#done = this.#run(port, keys, perSecond);
  }

  async end() {
    this.#running = false;
    await this.#done;
    return percentiles(this.#times);
  }

  async #run(port, keys, perSecond) {
    const start = performance.now();
    const under = new Set();
    for (let count = 0; this.#running; count += 1) {
      const dueMs = start + (count * 1000) / perSecond;
      if (dueMs > performance.now()) await sleep(dueMs - performance.now());
      const sent = ask(port, 'POST', '/api/registry/heartbeat.json', {
        instance_keys: [keys[count % keys.length]],
      }).then(() => this.#times.push(performance.now() - dueMs));
      under.add(sent);
      void sent.catch(() => undefined).then(() => under.delete(sent));
    }
    await Promise.all(under);
  }
}

export function percentiles(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) };
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** How long the plainest possible work on the same bytes takes here and now: parsing them. Ms, the median of five. */
export function parseTime(text) {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    JSON.parse(text);
    return performance.now() - start;
  });
  return median(times);
}

export const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
export const millis = (ms) => `${ms.toFixed(1)} ms`;

/** Runs a bench and ends what it started; a failure is told and gives exit code 1. */
export async function run(bench) {
  console.log(`${cpus().length} x ${cpus()[0]?.model.trim() ?? 'processor'}, Node.js ${process.version}`);
  const stage = new Bench();
  try {
    await bench(stage);
  } catch (error) {
    console.error(error.stack);
    process.exitCode = 1;
  } finally {
    stage.end();
  }
}

/** Whole numbers from the command line, with their defaults. */
export function numbers(usage, defaults) {
  const given = process.argv.slice(2).map(Number);
  if (given.some((number) => !Number.isInteger(number) || number < 1) || given.length > defaults.length) {
    console.error(`usage: npm run ${usage}`);
    process.exit(2);
  }
  return defaults.map((value, index) => given[index] ?? value);
}
