// How long does a unit test wait for a cluster of its own? Starts and stops test clusters in this process:
//   npm run bench:test-cluster [NODES=3] [ROUNDS=10]
const begunMs = performance.now();
const { startTestCluster } = await import('../../packages/cli/dist/testing/index.js');
const importMs = performance.now() - begunMs;

const [nodes = 3, rounds = 10] = process.argv.slice(2).map(Number);
const instance = {
  region_id: 'local',
  zone_id: 'zone1',
  service_id: 'orders',
  instance_id: 'orders-1',
  ip: '10.0.0.11',
  port: 8080,
  url: 'http://10.0.0.11:8080',
  status: 'up',
};
const goalMs = 200;

const times = { start: [], equal: [], stop: [] };
async function timed(name, task) {
  const start = performance.now();
  const result = await task();
  times[name].push(performance.now() - start);
  return result;
}

for (let round = 0; round < rounds; round += 1) {
  const cluster = await timed('start', () => startTestCluster(nodes));
  await timed('equal', async () => {
    await cluster.nodes[0].node.state.registry.register([instance]);
    await cluster.equal();
  });
  await timed('stop', () => cluster.stop());
}

const milliseconds = (value) => `${Math.round(value)} ms`;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
console.log(`import                                 ${milliseconds(importMs)}`);
const rows = [
  [`${nodes} nodes ready and connected`, times.start],
  ['a registration on every node', times.equal],
  ['stopped', times.stop],
];
for (const [what, values] of rows) {
  const [first] = values;
  console.log(`${what.padEnd(30)} first  ${milliseconds(first)}, median ${milliseconds(median(values))}`);
}
const isMet = median(times.start) <= goalMs;
console.log(`aim: ready within ${goalMs} ms: ${isMet ? 'met' : 'missed'}`);
process.exitCode = isMet ? 0 : 1;
