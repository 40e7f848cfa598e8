// Row 9: two nodes that hold many instances are cut off from each other while clients change some on both sides, more
// than the outboxes hold: how long until the digests are equal again, and what crosses the wire for it.
import { figure } from '../figures.mjs';
import { noticed, noticedFigures, noticedSizes, unnoticed } from '../load/heartbeat-timer.mjs';
import { ask, load, until, untilEqual } from '../node-client.mjs';
import { moveTo } from '../processes.mjs';
import { median } from '../statistics.mjs';

const beating = 100;
const settings = {
  cluster: ['health_check_interval_ms = 500', 'probe_timeout_ms = 400'],
  // So that the digests, not the outboxes, bring the nodes together.
  replication: ['outbox_limit = 400', 'max_retries = 0'],
};

async function peerState(port) {
  const { peers } = JSON.parse(await ask(port, 'GET', '/api/status/cluster.json'));
  return peers[0]?.status;
}

/** A cut, and changes on both sides. */
async function part({ ports, ways }, { differing }, from) {
  for (const way of ways) way.cut();
  await until(async () => (await peerState(ports[0])) !== 'alive', 'the cut is noticed');
  // Known instances registered again, half of them on each side: each is newer there.
  const middle = from + Math.floor(differing / 2);
  await load(ports[0], from, middle);
  await load(ports[1], middle, from + differing);
}

/** The end of the cut, until the nodes agree again. */
async function mend({ nodes, ways }, { instances }, options) {
  for (const way of ways) way.mend();
  await untilEqual(nodes, instances, options);
}

export const healing = {
  row: 9,
  name: 'heal',
  title: 'from the end of a partition to digests equal; a peer is probed every 0.5 s',
  sizes: {
    // Of 100 000 leases that are renewed every ten seconds, the part of one of two nodes; a tenth of that in the short form.
    long: {
      instances: 100_000,
      differing: 1000,
      rounds: 3,
      ...noticedSizes.long,
      // The p99 of a round differs from that of the next one by a third.
      beat_rounds: 24,
      beats_per_sec: 5000,
    },
    short: { instances: 10_000, differing: 100, rounds: 1, ...noticedSizes.short, beats_per_sec: 500 },
  },
  async run({ stage, sizes, say }) {
    const { instances, differing, rounds } = sizes;
    const world = await stage.pair(instances, settings);
    let differed = 0;
    const next = () => {
      differed += differing;
      return differed % (instances - differing);
    };
    const all = [];
    for (let round = 1; round <= rounds; round += 1) {
      await part(world, sizes, next());
      const bytes = world.passed();
      const start = performance.now();
      await mend(world, sizes);
      all.push({ ms: performance.now() - start, bytes: world.passed() - bytes });
      say(`round ${round}: ${(all.at(-1).ms / 1000).toFixed(2)} s`);
    }
    moveTo('apart', world.nodes[1].process);
    const healAgain = async (begins) => {
      await part(world, sizes, next());
      await begins();
      await mend(world, sizes, unnoticed);
    };
    const heartbeats = await noticed({ port: world.ports[0], instances: beating, sizes }, healAgain);
    const middle = (read) => median(all.map(read));
    return [
      figure('way open again to digests equal', middle(({ ms }) => ms) / 1000, 's', { must: 2, aim: 0.5 }),
      figure('on the wire', middle(({ bytes }) => bytes) / 1e6, 'MB', { must: 1.5 }),
      ...noticedFigures('heartbeats', heartbeats),
    ];
  },
};
