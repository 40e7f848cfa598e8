// Heartbeats of single instances at a steady pace, in a process that does nothing else. First as fast as they are
// answered, for so long: a node whose clients have been there for a while has compiled what answers them; a new one does
// so over some ten thousand requests, which takes its core from the answers.
//   node beater.mjs PORT INSTANCES PER_SECOND WARM_MS
// Says when it begins. Is told of which part a round begins now, or none, and answers when that is so; asked for the
// result, it answers the percentiles of every round. Goes on until it is ended.
import { Latencies } from '../statistics.mjs';
import { Load } from './load.mjs';
import { inTurn, singleHeartbeats, successBytes } from './requests.mjs';

const connections = 16;
const [port, instances, perSecond, warmMs] = process.argv.slice(2).map(Number);

/** The times of each round by its part. */
const parts = { before: [], meanwhile: [] };
let counting;

// A bench that was killed could not end this one.
process.on('disconnect', () => process.exit());
process.on('message', ({ part, result }) => {
  counting = part === undefined ? undefined : new Latencies();
  parts[part]?.push(counting);
  process.send(result ? percentiles() : {});
});

function percentiles() {
  const of = (one) => ({ p50: one.percentile(50), p99: one.percentile(99), max: one.max });
  return { before: parts.before.map(of), meanwhile: parts.meanwhile.map(of) };
}

const load = await Load.open(port, connections, { bodyBytes: successBytes });
const next = inTurn(singleHeartbeats(instances));
await load.closed(warmMs, next);
const latencies = { record: (ms) => counting?.record(ms) };
await load.paced(Infinity, perSecond, next, { latencies, started: () => process.send({}) });
