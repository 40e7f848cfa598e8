// Row 2: renewals as the SDK and other nodes send them, a thousand per request; beside a bare server that only parses
// the same bytes. Counted per second of processor that the node used, so that it is per core whatever else runs.
import { alternating, Contender } from '../contender.mjs';
import { figure } from '../figures.mjs';
import { Load } from '../load/load.mjs';
import { heartbeatRequest, inTurn, successBytes } from '../load/requests.mjs';
import { instance, load, paths } from '../node-client.mjs';

const batch = 1000;
const connections = 4;

/** Batches that together hold every key, in turn. */
export function batchRequests(path, instances) {
  const batches = Math.ceil(instances / batch);
  const all = Array.from({ length: batches }, (_, number) => {
    // Every one of a batch is of another service, as it is when many clients are behind it.
    const some = Array.from({ length: batch }, (_, index) => instance((number * batch + index) % instances));
    return heartbeatRequest(some, path);
  });
  return inTurn(all);
}

export const renewals = {
  row: 2,
  name: 'renewals',
  title: `renewals in batches of ${batch}`,
  sizes: {
    long: { instances: 100_000, rounds: 5, round_ms: 4000 },
    short: { instances: 10_000, rounds: 3, round_ms: 700 },
  },
  async run({ stage, sizes }) {
    const { instances, rounds, round_ms: roundMs } = sizes;
    const node = await stage.single({ place: 'server' });
    await load(node.port, 0, instances);
    const bare = await stage.script('bare/http.mjs');
    const contenders = [
      new Contender('Artemis', node.port, batchRequests(paths.heartbeat, instances)),
      new Contender('a bare server that parses', bare.port, batchRequests('/parse', instances)),
    ];
    for (const one of contenders)
      one.load = await Load.open(one.port, connections, { bodyBytes: successBytes });
    for (const one of contenders) await one.closed(roundMs, { counts: false });
    await alternating(rounds, contenders, (one) => one.closed(roundMs));
    for (const one of contenders) one.load.close();
    const perCore = contenders.map((one) => (one.answered * batch) / one.cpuSeconds);
    const limits = [{ must: 500_000, aim: 1_000_000, atLeast: true }, undefined];
    return [
      ...contenders.flatMap((one, index) => [
        figure(`${one.name}: renewals/s per core`, perCore[index], '/s', limits[index]),
        figure(`${one.name}: renewals/s`, one.maximum * batch, '/s'),
        figure(`${one.name}: share of a core`, one.share, '%'),
      ]),
      figure('ratio per core', perCore[0] / perCore[1], 'x'),
    ];
  },
};
