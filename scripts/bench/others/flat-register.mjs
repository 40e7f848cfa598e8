// Does the cost of a register depend on how many instances there are? Loads one node and compares the last registers
// with the first.
import { figure } from '../figures.mjs';
import { instance, load, register, statusOf } from '../node-client.mjs';

/** Milliseconds that so many registers of one new instance each take, one after the other. */
async function measure(port, from, { measured, services }) {
  const start = performance.now();
  for (let number = from; number < from + measured; number += 1)
    await register(port, [instance(number, { services })]);
  return performance.now() - start;
}

/** The least disturbed of several rounds: the machine may be busy with something else. */
async function fastest(port, from, sizes) {
  const times = [];
  for (let round = 0; round < sizes.rounds; round += 1)
    times.push(await measure(port, from + round * sizes.measured, sizes));
  return Math.min(...times);
}

export const flatRegister = {
  name: 'flat-register',
  title: 'a register costs the same whatever the number of instances',
  sizes: {
    long: { instances: 100_000, services: 1000, measured: 1000, rounds: 5 },
    short: { instances: 20_000, services: 1000, measured: 200, rounds: 3 },
  },
  async run({ stage, sizes }) {
    const { instances, services, measured, rounds } = sizes;
    if (instances < 2 * measured * rounds)
      throw new Error(`instances must be at least ${2 * measured * rounds}`);
    const { port } = await stage.single({ place: 'server' });
    // The same few instances again and again: what the runtime compiles on the way is compiled then.
    for (let number = 0; number < 5 * measured; number += 1)
      await register(port, [instance(number % 10, { services, prefix: 'warm-up' })]);
    const first = await fastest(port, 0, sizes);
    const start = performance.now();
    await load(port, rounds * measured, instances - rounds * measured, { services });
    const loading = performance.now() - start;
    const last = await fastest(port, instances - rounds * measured, sizes);
    const { live_records: live } = await statusOf(port);
    if (live !== instances + 10) throw new Error(`the node holds ${live} instances`);
    return [
      figure(`first ${measured} registers`, first, 'ms'),
      figure(`last ${measured} registers`, last, 'ms'),
      figure('those between, in batches', loading / 1000, 's'),
      figure('last beside first', last / first, 'x', { must: 1.3, aim: 1 }),
    ];
  },
};
