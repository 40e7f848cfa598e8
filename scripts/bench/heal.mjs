// Two nodes that hold many instances are cut off from each other while clients change some on both sides, more than the
// outboxes hold: how long until the digests are equal again, and what crosses the wire for it:
//   npm run bench:heal [INSTANCES=100000] [DIFFERING=1000] [ROUNDS=3]
import {
  freePort,
  HeartbeatTimer,
  instance,
  keyOf,
  load,
  median,
  megabytes,
  millis,
  numbers,
  run,
  seconds,
  until,
  untilEqual,
  ask,
} from './harness.mjs';
import { setTimeout as sleep } from 'node:timers/promises';

const [instances, differing, rounds] = numbers(
  'bench:heal [INSTANCES] [DIFFERING] [ROUNDS]',
  [100_000, 1000, 3],
);
const calmMs = 5000;

async function peerState(port) {
  const { peers } = JSON.parse(await ask(port, 'GET', '/api/status/cluster.json'));
  return peers[0]?.status;
}

await run(async (stage) => {
  const ports = [await freePort(), await freePort()];
  const ways = [await stage.way(ports[1]), await stage.way(ports[0])];
  const settings = {
    cluster: ['health_check_interval_ms = 500', 'probe_timeout_ms = 400'],
    // So that the digests, not the outboxes, bring the nodes together.
    replication: ['outbox_limit = 100', 'max_retries = 0'],
  };
  const nodes = [];
  for (const [index, port] of ports.entries())
    nodes.push(await stage.node(`node${index + 1}`, port, [ways[index].address], settings));
  for (const node of nodes) node.start();
  await Promise.all(nodes.map((node) => node.ready()));
  await load(ports[0], 0, instances);
  await untilEqual(nodes, instances);
  const keys = Array.from({ length: 100 }, (_, number) => keyOf(instance(number)));

  const took = [];
  const moved = [];
  const rises = [];
  for (let round = 1; round <= rounds; round += 1) {
    const calm = new HeartbeatTimer(ports[0], keys);
    await sleep(calmMs);
    const before = await calm.end();
    for (const way of ways) way.cut();
    await until(async () => (await peerState(ports[0])) !== 'alive', 'the cut is noticed');
    // Known instances registered again, half of them on each side: each is newer there.
    const from = (round * differing) % (instances - differing);
    await load(ports[0], from, from + Math.floor(differing / 2));
    await load(ports[1], from + Math.floor(differing / 2), from + differing);
    const bytes = ways[0].bytes + ways[1].bytes;
    const busy = new HeartbeatTimer(ports[0], keys);
    const start = performance.now();
    for (const way of ways) way.mend();
    await untilEqual(nodes, instances);
    took.push(performance.now() - start);
    moved.push(ways[0].bytes + ways[1].bytes - bytes);
    const during = await busy.end();
    rises.push(during.p99 / before.p99);
    console.log(
      `round ${round}: equal ${seconds(took.at(-1))} after the ways are open again (a peer is probed every 0.5 s); ` +
        `${megabytes(moved.at(-1))} on the wire; heartbeats p99 ${millis(before.p99)} before, ${millis(during.p99)} during`,
    );
  }
  console.log(
    `heal ${differing} of ${instances}: median ${seconds(median(took))} (limit 2 s), ` +
      `${megabytes(median(moved))} (limit 1.5 MB); p99 of heartbeats: ${median(rises).toFixed(2)} x (limit 1.30)`,
  );
});
