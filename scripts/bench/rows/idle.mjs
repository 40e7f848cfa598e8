// Row 12: what a cluster costs that only keeps its leases alive: clients renew all of them every ten seconds, in
// batches of a thousand, at all nodes in turn. And what replication itself adds to a node: the same clients all at one
// node of the cluster, beside the same clients at a node without peers. The nodes have been started again since they were
// given the instances: what that left behind is told apart.
import { collect, inspectable } from '../collect.mjs';
import { coresDuring, sharesOf } from '../cores.mjs';
import { figure } from '../figures.mjs';
import { Load } from '../load/load.mjs';
import { load, paths, untilEqual } from '../node-client.mjs';
import { freePort } from '../processes.mjs';
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

/** Per cent of a core that each node uses while clients renew everything at the nodes of these ports. */
async function renewedAt({ nodes, targets, sizes, next }) {
  const perSecond = sizes.instances / batch / everySecs / targets.length;
  const clients = await Promise.all(targets.map(({ node }) => Load.open(node.port, 2)));
  const during = (ms) => Promise.all(clients.map((client) => client.paced(ms, perSecond, next)));
  await during(sizes.warm_ms);
  const ports = nodes.map(({ node }) => node.port);
  const cores = await coresDuring(ports, () => during(sizes.length_ms));
  for (const client of clients) client.close();
  return sharesOf([cores]);
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
    long: { instances: 100_000, warm_ms: 10_000, length_ms: 20_000 },
    short: { instances: 20_000, warm_ms: 500, length_ms: 3000 },
  },
  async run({ stage, sizes }) {
    const { instances } = sizes;
    const next = batchRequests(paths.heartbeat, instances);
    const cluster = await loaded({ stage, count: 3, instances });
    const [first] = cluster;
    const loadedWithPeers = await memoryAtRest(first);
    await startAgain(cluster, instances);
    const spread = await renewedAt({ nodes: cluster, targets: cluster, sizes, next });
    const [atFirst] = await renewedAt({ nodes: cluster, targets: [first], sizes, next });
    const withPeers = await memoryAtRest(first);
    for (const { node } of cluster) await node.stop('SIGKILL');

    const [alone] = await loaded({ stage, count: 1, instances });
    const loadedAlone = await memoryAtRest(alone);
    await startAgain([alone], instances);
    const [single] = await renewedAt({ nodes: [alone], targets: [alone], sizes, next });
    const without = await memoryAtRest(alone);
    await alone.node.stop('SIGKILL');
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
