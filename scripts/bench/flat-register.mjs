// Does the cost of a register depend on how many instances there are? Loads one node and compares the last
// registers with the first:
//   npm run bench:register [INSTANCES=100000] [SERVICES=1000]
import '../node-version.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const [instances = 100_000, services = 1000] = process.argv.slice(2).map(Number);
const measured = 1000;
const rounds = 5;
const batch = 1000;
if (!(instances >= 2 * measured * rounds) || !(services >= 1)) {
  console.error(`usage: npm run bench:register [INSTANCES, at least ${2 * measured * rounds}] [SERVICES]`);
  process.exit(2);
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function post(port, body) {
  const text = JSON.stringify(body);
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const asked = request(
      { agent, host: '127.0.0.1', port, method: 'POST', path: '/api/registry/register.json', headers },
      (response) => {
        let answer = '';
        response.setEncoding('utf8').on('data', (chunk) => (answer += chunk));
        response.on('end', () => (answer.includes('"success"') ? resolve() : reject(new Error(answer))));
      },
    );
    asked.on('error', reject);
    asked.end(text);
  });
}

const instance = (number, prefix = 'service') => ({
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
});

/** Milliseconds that so many registers of one new instance each take, one after the other. */
async function measure(port, from) {
  const start = performance.now();
  for (let number = from; number < from + measured; number += 1)
    await post(port, { instances: [instance(number)] });
  return performance.now() - start;
}

/** The least disturbed of several rounds: the machine may be busy with something else. */
async function fastest(port, from) {
  const times = [];
  for (let round = 0; round < rounds; round += 1) times.push(await measure(port, from + round * measured));
  return Math.min(...times);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function untilReady(port, node) {
  while (node.exitCode === null) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/health/ready`);
      if (answer.ok) return;
    } catch {
      // not listening yet
    }
  }
  throw new Error('the node ended before it was ready');
}

async function bench(port) {
  // The same few instances again and again: what the runtime compiles on the way is compiled then.
  for (let number = 0; number < 5 * measured; number += 1)
    await post(port, { instances: [instance(number % 10, 'warm-up')] });
  const first = await fastest(port, 0);
  const start = performance.now();
  for (let from = rounds * measured; from < instances - rounds * measured; from += batch) {
    const size = Math.min(batch, instances - rounds * measured - from);
    await post(port, { instances: Array.from({ length: size }, (_, index) => instance(from + index)) });
  }
  const loading = performance.now() - start;
  const last = await fastest(port, instances - rounds * measured);
  const held = await (await fetch(`http://127.0.0.1:${port}/api/status/node.json`)).json();
  if (held.live_records !== instances + 10) throw new Error(`the node holds ${held.live_records} instances`);
  console.log(`${instances} instances in ${services} services; loaded in ${(loading / 1000).toFixed(1)} s`);
  console.log(`first ${measured} registers: ${first.toFixed(0)} ms`);
  console.log(`last  ${measured} registers: ${last.toFixed(0)} ms`);
  console.log(`ratio ${(last / first).toFixed(2)} (flat is 1; the limit is 1.3)`);
}

const folder = mkdtempSync(path.join(tmpdir(), 'artemis-bench-'));
const port = await freePort();
const config = path.join(folder, 'node.toml');
writeFileSync(
  config,
  `[server]\nlisten_addr = "127.0.0.1:${port}"\n[ratelimit]\nenabled = false\n[logging]\nlevel = "warn"\n`,
);
const node = spawn(
  process.execPath,
  [path.join(root, 'packages/cli/bin/artemis.js'), 'server', '--config', config],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
try {
  await untilReady(port, node);
  await bench(port);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  node.kill('SIGKILL');
  agent.destroy();
  rmSync(folder, { recursive: true, force: true });
}
