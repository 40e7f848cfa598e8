// What a bench asks of a node beside what it measures: instances to register, the state, and what of the processor is
// used.
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export const host = '127.0.0.1';
const agent = new Agent({ keepAlive: true, maxSockets: 16 });

export const paths = {
  register: '/api/registry/register.json',
  heartbeat: '/api/registry/heartbeat.json',
  service: (id) => `/api/discovery/service.json?service_id=${id}`,
};

/** One request; answers status, headers and the bytes of the body. */
export function exchange(port, method, path, { text, headers = {} } = {}) {
  const all = { ...headers };
  if (text !== undefined) {
    all['Content-Type'] = 'application/json';
    all['Content-Length'] = Buffer.byteLength(text);
  }
  if (path.startsWith('/api/replication/')) all['X-Artemis-Replication'] = 'true';
  return new Promise((resolve, reject) => {
    const asked = request({ agent, host, port, method, path, headers: all }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          rawHeaders: response.rawHeaders,
          body: Buffer.concat(chunks),
        }),
      );
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(text);
  });
}

/** One JSON request; answers the text of the body. */
export async function ask(port, method, path, body) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const { status, body: bytes } = await exchange(port, method, path, { text });
  const answer = bytes.toString();
  if (status !== 200) throw new Error(`${method} ${path}: HTTP ${status} ${answer.slice(0, 200)}`);
  return answer;
}

export async function register(port, instances) {
  const answer = await ask(port, 'POST', paths.register, { instances });
  if (!answer.includes('"success"')) throw new Error(answer.slice(0, 300));
}

export async function renew(port, keys) {
  const answer = await ask(port, 'POST', paths.heartbeat, { instance_keys: keys });
  if (!answer.includes('"success"')) throw new Error(answer.slice(0, 300));
}

export async function statusOf(port) {
  return JSON.parse(await ask(port, 'GET', '/api/status/node.json'));
}

/** Seconds of a processor that a server has used so far. */
export async function cpuSeconds(port) {
  const [, value] = /^process_cpu_seconds_total (\S+)$/m.exec(await ask(port, 'GET', '/metrics')) ?? [];
  if (value === undefined) throw new Error('the server does not say what of the processor it uses');
  return Number(value);
}

/**
 * The instance of that number, with a lease that outlives the bench: in one of `services` services in turn, or in one
 * that has `perService` instances, however many there are.
 */
export function instance(number, { services = 1000, perService, prefix = 'service', leaseSecs = 1500 } = {}) {
  const service = perService === undefined ? number % services : Math.floor(number / perService);
  // Each has an address of its own, as in life: equal ones would be kept once, and shrink to nothing with gzip.
  const ip = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
  return {
    region_id: 'local',
    zone_id: 'zone1',
    service_id: `${prefix}-${service}`,
    instance_id: `instance-${number}`,
    ip,
    port: 8080,
    url: `http://${ip}:8080`,
    status: 'up',
    metadata: { version: '1.0.0' },
    lease_ttl_secs: leaseSecs,
  };
}

export function keyOf({ region_id, zone_id, service_id, instance_id }) {
  return { region_id, zone_id, service_id, instance_id };
}

/** Calls `task` with the numbers of each batch of a thousand. */
async function inBatches(from, to, task) {
  for (let next = from; next < to; next += 1000)
    await task(Array.from({ length: Math.min(1000, to - next) }, (_, index) => next + index));
}

/** Registers the instances of these numbers, a thousand at a time. */
export function load(port, from, to, options) {
  return inBatches(from, to, (numbers) =>
    register(
      port,
      numbers.map((number) => instance(number, options)),
    ),
  );
}

/** Renews the instances of these numbers, a thousand at a time. */
export function renewAll(port, from, to, options) {
  return inBatches(from, to, (numbers) =>
    renew(
      port,
      numbers.map((number) => keyOf(instance(number, options))),
    ),
  );
}

/** There is nothing left to wait for. */
export class Ended extends Error {}

/** Asks again, every so often, until the answer is no longer `undefined` or `false`. */
export async function until(condition, what, { limitMs = 120_000, everyMs = 20 } = {}) {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await condition().catch((error) => {
      if (error instanceof Ended) throw error;
      return undefined;
    });
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await sleep(everyMs);
  }
}

/** Resolves when all nodes are ready and have the same root digest; answers their status. */
export function untilEqual(nodes, live, options) {
  const isEqual = async () => {
    const all = await Promise.all(nodes.map(({ port }) => statusOf(port)));
    const [{ root_digest: digest }] = all;
    const equal = all.every((one) => one.root_digest === digest && one.synced && one.live_records === live);
    return digest !== undefined && equal ? all : undefined;
  };
  return until(isEqual, `${nodes.length} nodes hold the same ${live} instances`, options);
}

export function closeClient() {
  agent.destroy();
}
