// Row 5: how long a register takes to be answered by a node of three, which hands it on to two others and keeps it on
// disk, at a steady pace; beside a bare server that parses the same bytes. The node that is asked has a core for itself;
// the others, which stand for other machines, yield to the load, and have to hold the same in the end.
import { alternating, Contender } from '../contender.mjs';
import { coresDuring, sharesOf } from '../cores.mjs';
import { figure, percentileFigures } from '../figures.mjs';
import { Load } from '../load/load.mjs';
import { changed, registerRequest, successBytes } from '../load/requests.mjs';
import { instance, load, paths, untilEqual } from '../node-client.mjs';
import { loadFirst, moveTo } from '../processes.mjs';

const connections = 64;

/** Known instances in turn, each time with something new to say. */
function requests(path, instances) {
  let count = 0;
  return () => {
    count += 1;
    return registerRequest(changed(instance(count % instances), count), path);
  };
}

export const register = {
  row: 5,
  name: 'register',
  title: 'time to answer a register, three nodes, durability process',
  sizes: {
    long: { per_second: 1000, instances: 10_000, rounds: 5, round_ms: 6000 },
    short: { per_second: 1000, instances: 1000, rounds: 2, round_ms: 1500 },
  },
  async run({ stage, sizes }) {
    const { per_second: perSecond, instances, rounds, round_ms: roundMs } = sizes;
    const nodes = await stage.cluster(3, { places: ['server'] });
    const [{ port }, ...others] = nodes;
    await load(port, 0, instances);
    await untilEqual(nodes, instances);
    for (const node of others) moveTo('apart', node.process);
    const bare = await stage.script('bare/http.mjs');
    const contenders = [
      new Contender('Artemis', port, requests(paths.register, instances)),
      new Contender('a bare server', bare.port, requests('/parse', instances)),
    ];
    for (const one of contenders)
      one.load = await Load.open(one.port, connections, { bodyBytes: successBytes });
    const warm = contenders.map(({ name, next, load: way }) => ({ name, next, load: way }));
    for (const one of warm) await one.load.paced(roundMs, perSecond, one.next);
    const ports = nodes.map((node) => node.port);
    const measured = [];
    await loadFirst(() =>
      alternating(rounds, contenders, async (one) => {
        const cores = await coresDuring(ports, () => one.paced(roundMs, perSecond));
        if (one === contenders[0]) measured.push(cores);
      }),
    );
    for (const one of contenders) one.load.close();
    const endMs = performance.now();
    await untilEqual(nodes, instances);
    const behindMs = performance.now() - endMs;
    const [ours, theirs] = contenders.map(({ latencies }) => latencies);
    return [
      ...percentileFigures('Artemis', ours, { p50: { must: 1 }, p99: { must: 5, aim: 2 } }),
      ...percentileFigures('a bare server', theirs),
      figure('ratio of p50', ours.percentile(50) / theirs.percentile(50), 'x'),
      ...sharesOf(measured).map((share, index) => figure(`node ${index + 1}: share of a core`, share, '%')),
      ...contenders.map((one) =>
        figure(`${one.name}, sent late by the load: p99`, one.late.percentile(99), 'ms'),
      ),
      figure('from the last answer until all hold the same', behindMs, 'ms'),
    ];
  },
};
