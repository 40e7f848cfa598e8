// Row 12: what a cluster costs that only keeps its leases alive: clients renew all of them every ten seconds, in
// batches of a thousand, at all nodes in turn. And what replication itself adds to a node: the same clients all at one
// node of the cluster, in turns with the same clients at a node without peers. The nodes have been started again since
// they were given the instances: what that left behind is told apart.
import { collect, inspectable } from '../collect.mjs';
import { coresDuring, sharesOf } from '../cores.mjs';
import { figure } from '../figures.mjs';
import { Load } from '../load/load.mjs';
import { load, paths, untilEqual } from '../node-client.mjs';
import { freePort } from '../processes.mjs';
import { median } from '../statistics.mjs';
import { batchRequests } from './renewals.mjs';

const batch = 1000;
const everySecs = 10;

/** Nodes with an inspector each, ready, and with the instances, which the first of them was given. */
async function loaded({ stage, count, instances }) {
  const ports = [];
  for (let index = 0; index < count; index += 1) ports.push(await freePort());
  const nodes = [];
  for (const [index, port] of ports.entries()) {
    const inspector = await inspectable();
    const peers = ports.filter((other) => other !== port).map((other) => `127.0.0.1:${other}`);
    const node = stage.node(`of-${count}-${index + 1}`, port, { peers, env: inspector.env });
    nodes.push({ node, inspector });
  }
  await start(nodes);
  await load(ports[0], 0, instances);
  await equal(nodes, instances);
  return nodes;
}

async function start(nodes) {
  for (const { node } of nodes) node.start();
  await Promise.all(nodes.map(({ node }) => node.ready()));
}

function equal(nodes, instances) {
  return untilEqual(
    nodes.map(({ node }) => node),
    instances,
  );
}

async function startAgain(nodes, instances) {
  await Promise.all(nodes.map(({ node }) => node.stop('SIGTERM')));
  await start(nodes);
  await equal(nodes, instances);
}

/** Per cent of a core that each node uses while clients renew everything at the targets for so long. */
async function renewedAt({ nodes, targets, next, instances }, lengthMs) {
  const perSecond = instances / batch / everySecs / targets.length;
  const clients = await Promise.all(targets.map(({ node }) => Load.open(node.port, 2)));
  const ports = nodes.map(({ node }) => node.port);
  const cores = await coresDuring(ports, () =>
    Promise.all(clients.map((client) => client.paced(lengthMs, perSecond, next))),
  );
  for (const client of clients) client.close();
  return sharesOf([cores]);
}

/** The same for the only target of each of these, in turns: the median of its rounds. */
async function inTurns(worlds, { rounds, round_ms: roundMs, warm_ms: warmMs }) {
  for (const world of worlds) await renewedAt(world, warmMs);
  const shares = worlds.map(() => []);
  for (let round = 0; round < rounds; round += 1)
    for (const [index, world] of worlds.entries()) shares[index].push((await renewedAt(world, roundMs))[0]);
  return shares.map((all) => median(all));
}

async function memoryAtRest({ node, inspector }) {
  const { anonymous } = await collect(node, inspector.port);
  return anonymous / 1e6;
}

export const idle = {
  row: 12,
  name: 'idle',
  title: `three nodes whose leases are all renewed every ${everySecs} s in batches of ${batch}`,
  sizes: {
    long: { instances: 100_000, warm_ms: 10_000, length_ms: 20_000, rounds: 5, round_ms: 8000 },
    short: { instances: 20_000, warm_ms: 500, length_ms: 3000, rounds: 1, round_ms: 3000 },
  },
  async run({ stage, sizes }) {
    const { instances } = sizes;
    const next = batchRequests(paths.heartbeat, instances);
    const cluster = await loaded({ stage, count: 3, instances });
    const [first] = cluster;
    const [alone] = await loaded({ stage, count: 1, instances });
    const loadedWithPeers = await memoryAtRest(first);
    const loadedAlone = await memoryAtRest(alone);

    await startAgain(cluster, instances);
    const everywhere = { nodes: cluster, targets: cluster, next, instances };
    await renewedAt(everywhere, sizes.warm_ms);
    const spread = await renewedAt(everywhere, sizes.length_ms);
    await startAgain([alone], instances);
    const worlds = [first, alone].map((one) => ({ nodes: [one], targets: [one], next, instances }));
    const [atFirst, single] = await inTurns(worlds, sizes);
    const withPeers = await memoryAtRest(first);
    const without = await memoryAtRest(alone);
    return [
      ...spread.map((share, index) =>
        figure(`node ${index + 1}: share of a core`, share, '%', { must: 15, aim: 8 }),
      ),
      figure('all clients at one node of three: its share of a core', atFirst, '%'),
      figure('all clients at a node without peers: its share of a core', single, '%'),
      figure('added by replication: share of a core', atFirst - single, '%', { must: 5 }),
      figure('one node of three: anonymous memory without garbage', withPeers, 'MB'),
      figure('a node without peers: anonymous memory without garbage', without, 'MB'),
      figure('added by replication: memory', withPeers - without, 'MB', { must: 10 }),
      figure('the same where all instances have just been registered', loadedWithPeers - loadedAlone, 'MB'),
    ];
  },
};
