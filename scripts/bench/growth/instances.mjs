// What a request costs a node that holds more and more instances, always twenty to a service: processor time per
// heartbeat, per register and per discovery, and the memory of all.
import { settled } from '../collect.mjs';
import { Contender } from '../contender.mjs';
import { Load } from '../load/load.mjs';
import { encodeRequest } from '../load/raw-connection.mjs';
import { changed, heartbeatRequest, registerRequest } from '../load/requests.mjs';
import { instance, load, paths } from '../node-client.mjs';
import { growthFigures, steps } from './steps.mjs';

const connections = 64;
const options = { perService: 20 };
/** Coprime to every number of instances, so that each is met, and neighbours are far apart. */
const stride = 7919;

/** What is asked of the instance of that number. */
const requests = {
  heartbeat: (one) => heartbeatRequest([one]),
  register: (one, count) => registerRequest(changed(one, count)),
  discovery: (one) => encodeRequest('GET', paths.service(one.service_id)),
};

export const byInstances = {
  name: 'instances',
  title: 'what a request costs a node that holds more and more instances',
  sizes: {
    long: { smallest: 1000, steps: 4, times: 10, rounds: 3, round_ms: 2000 },
    short: { smallest: 1000, steps: 3, times: 10, rounds: 2, round_ms: 500 },
  },
  async run({ stage, sizes, say }) {
    const node = await stage.single({ place: 'server' });
    const empty = await settled(node, { quietMs: 2000 });
    const clients = await Load.open(node.port, connections);
    const costs = { heartbeat: [], register: [], discovery: [] };
    const memory = [];
    let held = 0;
    let count = 0;
    for (const size of steps(sizes)) {
      await load(node.port, held, size, options);
      held = size;
      const full = await settled(node, { quietMs: 2000 });
      if (full !== undefined) memory.push([size, (full.anonymous - empty.anonymous) / 1e6]);
      for (const [name, request] of Object.entries(requests)) {
        const next = () => {
          count += 1;
          return request(instance((count * stride) % size, options), count);
        };
        const one = new Contender(name, node.port, next);
        one.load = clients;
        // At the first size the node has met none of these requests yet.
        for (let round = 0; round < (size === sizes.smallest ? 3 : 1); round += 1)
          await one.closed(sizes.round_ms, { counts: false });
        for (let round = 0; round < sizes.rounds; round += 1) await one.closed(sizes.round_ms);
        costs[name].push([size, one.cpuMicros]);
      }
      say(`measured with ${size}`);
    }
    clients.close();
    return [
      ...Object.entries(costs).flatMap(([name, points]) => growthFigures(name, points, 'us', 'instances')),
      ...growthFigures('anonymous memory', memory, 'MB', 'instances'),
    ];
  },
};
