// A node that holds many instances on disk is ended and started again: how long until it is ready, after a clean stop
// and after a kill:
//   npm run bench:restart [INSTANCES=100000] [ROUNDS=3]
import {
  freePort,
  load,
  median,
  millis,
  numbers,
  parseTime,
  run,
  seconds,
  statusOf,
  ask,
} from './harness.mjs';

const [instances, rounds] = numbers('bench:restart [INSTANCES] [ROUNDS]', [100_000, 3]);

async function timeStart(node) {
  const start = performance.now();
  node.start();
  await node.ready();
  const ms = performance.now() - start;
  const { live_records: live } = await statusOf(node.port);
  if (live !== instances) throw new Error(`${live} instances are back of ${instances}`);
  return ms;
}

await run(async (stage) => {
  const node = await stage.node('node1', await freePort());
  const empty = await stage.node('empty', await freePort());
  node.start();
  await node.ready();
  await load(node.port, 0, instances);
  const parse = parseTime(await ask(node.port, 'GET', '/api/replication/registry/services.json'));
  const starts = { SIGTERM: [], SIGKILL: [] };
  const bare = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const signal of ['SIGTERM', 'SIGKILL']) {
      await node.stop(signal);
      starts[signal].push(await timeStart(node));
    }
    const start = performance.now();
    empty.start();
    await empty.ready();
    bare.push(performance.now() - start);
    await empty.stop('SIGTERM');
  }
  const clean = median(starts.SIGTERM);
  const killed = median(starts.SIGKILL);
  console.log(
    `restart with ${instances} on disk, to ready: ${seconds(clean)} after a clean stop, ` +
      `${seconds(killed)} after a kill, which checks the store first (limit for 100 000: 1.5 s)`,
  );
  console.log(
    `an empty node: ${seconds(median(bare))}; parsing the table as JSON: ${millis(parse)}; ` +
      `so the table costs ${((clean - median(bare)) / parse).toFixed(1)} x its parsing`,
  );
});
