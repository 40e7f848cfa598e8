// What a change costs the node to which it is told when more and more other nodes must learn of it, and what those nodes
// cost it when nothing happens.
import { setTimeout as sleep } from 'node:timers/promises';
import { coresDuring } from '../cores.mjs';
import { figure } from '../figures.mjs';
import { Load } from '../load/load.mjs';
import { changed, heartbeatRequest, registerRequest, successBytes } from '../load/requests.mjs';
import { instance, load, untilEqual } from '../node-client.mjs';
import { growthFigures, steps } from './steps.mjs';

const connections = 16;
const instances = 1000;

const requests = {
  register: (number, count) => registerRequest(changed(instance(number), count)),
  heartbeat: (number) => heartbeatRequest([instance(number)]),
};

/** Microseconds of the first node per request of each kind, without what it uses at rest; and that. */
async function measure(stage, peers, { per_second: perSecond, length_ms: lengthMs }) {
  const nodes = await stage.cluster(peers + 1);
  const [{ port }] = nodes;
  await load(port, 0, instances);
  await untilEqual(nodes, instances);
  const [rest] = await coresDuring([port], () => sleep(lengthMs));
  const clients = await Load.open(port, connections, { bodyBytes: successBytes });
  const costs = {};
  for (const [name, request] of Object.entries(requests)) {
    let count = 0;
    const next = () => {
      count += 1;
      return request(count % instances, count);
    };
    await clients.paced(lengthMs / 2, perSecond, next);
    const [used] = await coresDuring([port], () => clients.paced(lengthMs, perSecond, next));
    costs[name] = (1e6 * (used - rest)) / perSecond;
  }
  clients.close();
  await untilEqual(nodes, instances);
  for (const node of nodes) await node.stop('SIGKILL');
  return { ...costs, rest: 100 * rest };
}

export const byPeers = {
  name: 'peers',
  title: 'what a change costs the node that hands it on to more and more others',
  sizes: {
    long: { smallest: 1, steps: 3, times: 3, per_second: 200, length_ms: 8000 },
    short: { smallest: 1, steps: 2, times: 3, per_second: 200, length_ms: 2000 },
  },
  async run({ stage, sizes, say }) {
    const all = [];
    for (const peers of steps(sizes)) {
      all.push([peers, await measure(stage, peers, sizes)]);
      say(`measured with ${peers} other nodes`);
    }
    const points = (name) => all.map(([peers, costs]) => [peers, costs[name]]);
    return [
      ...Object.keys(requests).flatMap((name) => growthFigures(name, points(name), 'us', 'other nodes')),
      ...points('rest').map(([peers, share]) => figure(`at rest, ${peers} other nodes`, share, '%')),
    ];
  },
};
