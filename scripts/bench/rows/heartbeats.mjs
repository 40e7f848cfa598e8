// Row 1: heartbeats as clients send them, one instance per request, over kept connections; beside a bare server that
// does the same JSON work. First what each can do, then how long each takes at the same pace.
import { alternating, Contender, p99Ratio, processorRatio, rateRatio } from '../contender.mjs';
import { figure, percentileFigures } from '../figures.mjs';
import { Load } from '../load/load.mjs';
import { inTurn, singleHeartbeats, successBytes } from '../load/requests.mjs';
import { exchange, instance, keyOf, load } from '../node-client.mjs';
import { median } from '../statistics.mjs';

const connections = 64;
/** Coprime to the number of instances: each has its turn, and neighbours are far apart. */
const stride = 7919;
/** Of the slower one's maximum: both are loaded, neither is drowned. */
const paceShare = 0.6;

async function loadBare(port, instances) {
  for (let from = 0; from < instances; from += 1000) {
    const keys = Array.from({ length: Math.min(1000, instances - from) }, (_, index) =>
      keyOf(instance(from + index)),
    );
    await exchange(port, 'PUT', '/keys', { text: JSON.stringify(keys) });
  }
}

export const heartbeats = {
  row: 1,
  name: 'heartbeats',
  title: 'heartbeats, one instance per HTTP request, 64 connections kept alive',
  sizes: {
    long: {
      ...{ instances: 100_000, warm_ms: 8000 },
      ...{ rounds: 15, round_ms: 1300, paced_rounds: 15, paced_ms: 2000 },
    },
    short: {
      ...{ instances: 10_000, warm_ms: 1400 },
      ...{ rounds: 3, round_ms: 700, paced_rounds: 3, paced_ms: 500 },
    },
  },
  async run({ stage, sizes, say }) {
    const { instances } = sizes;
    const node = await stage.single({ place: 'server' });
    await load(node.port, 0, instances);
    const bare = await stage.script('bare/http.mjs');
    await loadBare(bare.port, instances);
    const contenders = [
      new Contender('Artemis', node.port, inTurn(singleHeartbeats(instances), stride)),
      new Contender('a bare server', bare.port, inTurn(singleHeartbeats(instances, '/key'), stride)),
    ];
    for (const one of contenders)
      one.load = await Load.open(one.port, connections, { bodyBytes: successBytes });
    for (const one of contenders) await one.closed(sizes.warm_ms, { counts: false });
    await alternating(sizes.rounds, contenders, (one) => one.closed(sizes.round_ms));
    const [ours, theirs] = contenders.map((one) => one.maximum);

    const pace = Math.floor(paceShare * Math.min(ours, theirs));
    say(`times at ${pace} heartbeats/s, ${paceShare * 100} % of what the slower one can do`);
    await alternating(sizes.paced_rounds, contenders, (one) => one.paced(sizes.paced_ms, pace));
    for (const one of contenders) one.load.close();
    return [
      figure('Artemis: heartbeats/s', ours, '/s'),
      figure('a bare server: heartbeats/s', theirs, '/s'),
      figure('ratio of heartbeats/s', rateRatio(contenders), 'x', { must: 0.8, aim: 0.9, atLeast: true }),
      figure('ratio per second of processor', processorRatio(contenders), 'x'),
      ...contenders.map((one) => figure(`${one.name}: share of a core`, one.share, '%')),
      ...contenders.flatMap((one) => percentileFigures(one.name, one.latencies)),
      figure('ratio of p99, pair of rounds', p99Ratio(contenders), 'x', { must: 2 }),
      figure('sent late by the load: p99', median(contenders.map((one) => one.late.percentile(99))), 'ms'),
    ];
  },
};
