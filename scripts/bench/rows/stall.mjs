// Row 13: the longest time that a node of very many instances lets a client wait, while it works, and while very many
// leases end at once. Beside a bare server under the same heartbeats and the same batches.
import { figure, percentileFigures } from '../figures.mjs';
import { Load } from '../load/load.mjs';
import { inTurn, singleHeartbeats, successBytes } from '../load/requests.mjs';
import { exchange, instance, keyOf, load, paths, renewAll, statusOf, until } from '../node-client.mjs';

const connections = 64;
/** Those whose leases end are of services of their own. */
const ending = { services: 100, prefix: 'ending' };
/** How many of those that stay send heartbeats one by one, and how many in batches. */
const single = 10_000;
const batched = 100_000;
/** The time before the first lease ends that belongs to the window in which they end. */
const beforeMs = 2000;

/** Single heartbeats from here and batches from another process, over connections that stay. */
async function clientsOf({ stage, port, sizes, path, batchPath }) {
  const args = [port, batchPath, Math.min(sizes.instances, batched), sizes.batches_per_second];
  const renewer = await stage.script('load/renewer.mjs', { args, place: 'load' });
  const way = await Load.open(port, connections, { bodyBytes: successBytes });
  const next = inTurn(singleHeartbeats(Math.min(sizes.instances, single), path));
  return {
    during: async (lengthMs) => (await way.paced(lengthMs, sizes.per_second, next)).latencies,
    end: () => {
      way.close();
      renewer.process.kill('SIGKILL');
    },
  };
}

async function measureNode({ stage, sizes, say }) {
  const node = await stage.single({
    place: 'server',
    settings: { 'lease.self_preservation': ['enabled = false'] },
  });
  const { port } = node;
  await load(port, 0, sizes.instances);
  const options = { ...ending, leaseSecs: sizes.lease_secs };
  await load(port, 0, sizes.ending, options);
  const firstEndMs = performance.now() + sizes.lease_secs * 1000;
  await renewAll(port, 0, sizes.ending, options);
  const spreadMs = performance.now() + sizes.lease_secs * 1000 - firstEndMs;
  say(`${sizes.ending} leases end within ${Math.round(spreadMs)} ms`);
  const clients = await clientsOf({
    stage,
    port,
    sizes,
    path: paths.heartbeat,
    batchPath: paths.heartbeat,
  });
  await clients.during(1000);
  const calmMs = firstEndMs - beforeMs - performance.now();
  if (calmMs < 1000) throw new Error('lease_secs is too short: the leases end before the load has begun');
  const calm = await clients.during(calmMs);
  const endings = await clients.during(sizes.window_ms);
  clients.end();
  await until(
    async () => (await statusOf(port)).live_records === sizes.instances,
    'only those whose leases did not end are left',
    { limitMs: 20_000 },
  );
  await node.stop('SIGKILL');
  return { calm, endings };
}

async function measureBare({ stage, sizes }) {
  const bare = await stage.script('bare/http.mjs');
  const keys = Array.from({ length: single }, (_, number) => keyOf(instance(number)));
  await exchange(bare.port, 'PUT', '/keys', { text: JSON.stringify(keys) });
  const clients = await clientsOf({ stage, port: bare.port, sizes, path: '/key', batchPath: '/parse' });
  await clients.during(1000);
  const latencies = await clients.during(sizes.window_ms);
  clients.end();
  return latencies;
}

export const stall = {
  row: 13,
  name: 'stall',
  title: 'longest wait for a heartbeat under load, and while many leases end at once',
  sizes: {
    long: {
      instances: 1_000_000,
      ending: 100_000,
      lease_secs: 30,
      per_second: 500,
      batches_per_second: 20,
      window_ms: 12_000,
    },
    short: {
      instances: 100_000,
      ending: 10_000,
      lease_secs: 7,
      per_second: 500,
      batches_per_second: 20,
      window_ms: 4000,
    },
  },
  async run({ stage, sizes, say }) {
    const { calm, endings } = await measureNode({ stage, sizes, say });
    const bare = await measureBare({ stage, sizes });
    return [
      ...percentileFigures('Artemis while leases end', endings, { 'p99.9': { must: 50, aim: 20 } }),
      ...percentileFigures('Artemis under load before that', calm),
      ...percentileFigures('a bare server', bare),
      figure('ratio of p99.9 while leases end', endings.percentile(99.9) / bare.percentile(99.9), 'x'),
    ];
  },
};
