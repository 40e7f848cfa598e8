// Does the cost of a register depend on how many instances there are? Loads one node and compares the last
// registers with the first:
//   npm run bench:register [INSTANCES=100000] [SERVICES=1000]
import { freePort, instance, load, millis, numbers, register, run, seconds, statusOf } from './harness.mjs';

const [instances, services] = numbers('bench:register [INSTANCES] [SERVICES]', [100_000, 1000]);
const measured = 1000;
const rounds = 5;
if (instances < 2 * measured * rounds) {
  console.error(`INSTANCES must be at least ${2 * measured * rounds}`);
  process.exit(2);
}

/** Milliseconds that so many registers of one new instance each take, one after the other. */
async function measure(port, from) {
  const start = performance.now();
  for (let number = from; number < from + measured; number += 1)
    await register(port, [instance(number, { services })]);
  return performance.now() - start;
}

/** The least disturbed of several rounds: the machine may be busy with something else. */
async function fastest(port, from) {
  const times = [];
  for (let round = 0; round < rounds; round += 1) times.push(await measure(port, from + round * measured));
  return Math.min(...times);
}

await run(async (stage) => {
  const node = await stage.node('node1', await freePort());
  const { port } = node;
  node.start();
  await node.ready();
  // The same few instances again and again: what the runtime compiles on the way is compiled then.
  for (let number = 0; number < 5 * measured; number += 1)
    await register(port, [instance(number % 10, { services, prefix: 'warm-up' })]);
  const first = await fastest(port, 0);
  const start = performance.now();
  await load(port, rounds * measured, instances - rounds * measured, { services });
  const loading = performance.now() - start;
  const last = await fastest(port, instances - rounds * measured);
  const { live_records: live } = await statusOf(port);
  if (live !== instances + 10) throw new Error(`the node holds ${live} instances`);
  console.log(`${instances} instances in ${services} services; loaded in ${seconds(loading)}`);
  console.log(`first ${measured} registers: ${millis(first)}`);
  console.log(`last  ${measured} registers: ${millis(last)}`);
  console.log(`ratio ${(last / first).toFixed(2)} (flat is 1; the limit is 1.3)`);
});
