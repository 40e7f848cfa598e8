// An empty node joins a cluster that holds many instances: how long until its digest equals theirs, what crosses the
// wire for it, and what the heartbeats of clients at the donors notice of it:
//   npm run bench:bootstrap [INSTANCES=100000] [ROUNDS=3]
import {
  ask,
  freePort,
  HeartbeatTimer,
  instance,
  keyOf,
  load,
  median,
  megabytes,
  millis,
  numbers,
  parseTime,
  run,
  seconds,
  untilEqual,
} from './harness.mjs';
import { setTimeout as sleep } from 'node:timers/promises';

const [instances, rounds] = numbers('bench:bootstrap [INSTANCES] [ROUNDS]', [100_000, 3]);
const calmMs = 5000;

await run(async (stage) => {
  const [donorPort, joinerPort] = [await freePort(), await freePort()];
  const toJoiner = await stage.way(joinerPort);
  const toDonor = await stage.way(donorPort);
  const settings = { cluster: ['health_check_interval_ms = 1000'] };
  const donor = await stage.node('donor', donorPort, [toJoiner.address], {
    ...settings,
    // It begins alone, and does not wait for a peer that is not there yet.
    replication: ['bootstrap_timeout_secs = 1'],
  });
  donor.start();
  await donor.ready();
  await load(donorPort, 0, instances);
  const table = await ask(donorPort, 'GET', '/api/replication/registry/services.json');
  const keys = Array.from({ length: 1000 }, (_, number) => keyOf(instance(number)));

  const took = [];
  const rises = [];
  for (let round = 1; round <= rounds; round += 1) {
    const joiner = await stage.node(`joiner${round}`, joinerPort, [toDonor.address], settings);
    const calm = new HeartbeatTimer(donorPort, keys);
    await sleep(calmMs);
    const before = await calm.end();
    const busy = new HeartbeatTimer(donorPort, keys);
    const bytes = toJoiner.bytes + toDonor.bytes;
    const start = performance.now();
    joiner.start();
    await untilEqual([donor, joiner], instances);
    const ms = performance.now() - start;
    const during = await busy.end();
    const parse = parseTime(table);
    took.push(ms);
    rises.push(during.p99 / before.p99);
    const moved = toJoiner.bytes + toDonor.bytes - bytes;
    console.log(
      `round ${round}: ${seconds(ms)} from the start of the process to equal digests; ` +
        `${megabytes(moved)} on the wire; ${(ms / parse).toFixed(1)} x parsing the table (${megabytes(table.length)}, ${millis(parse)})`,
    );
    console.log(
      `         heartbeats at the donor: p99 ${millis(before.p99)} before, ${millis(during.p99)} during ` +
        `(p50 ${millis(before.p50)}, ${millis(during.p50)}; longest ${millis(before.max)}, ${millis(during.max)})`,
    );
    await joiner.stop('SIGKILL');
  }
  console.log(
    `bootstrap of ${instances}: median ${seconds(median(took))} (limit for 100 000: 3 s); ` +
      `p99 of heartbeats at the donor: ${median(rises).toFixed(2)} x (limit 1.30)`,
  );
});
