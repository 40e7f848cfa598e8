// What clients at a node notice of something that happens to it: heartbeats at a steady pace, as long as it takes.
import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../figures.mjs';
import { loadFirst } from '../processes.mjs';
import { Latencies } from '../statistics.mjs';
import { Load } from './load.mjs';
import { inTurn, singleHeartbeats, successBytes } from './requests.mjs';

const connections = 16;
/** Of {@link noticed}, for the long and the short form of a row. */
export const noticedSizes = {
  long: { warm_ms: 5000, warm_rounds: 8, beat_rounds: 8, calm_ms: 2000, beats_per_sec: 1000 },
  short: { warm_ms: 1000, warm_rounds: 1, beat_rounds: 1, calm_ms: 500, beats_per_sec: 1000 },
};
/** For whoever looks whether a task has ended: rarely, since clients would notice that too. */
export const unnoticed = { everyMs: 100 };

/** Heartbeats of the first so many instances in turn, until `end`, which answers their {@link Latencies}. */
class HeartbeatTimer {
  #latencies = new Latencies();
  #isRunning = true;
  #done;

  /** Answers when the first ones are about to be sent. */
  static start(beats) {
    const timer = new HeartbeatTimer();
    return new Promise((resolve) => {
      timer.#done = timer.#run(beats, () => resolve(timer));
      // Told by `end`.
      timer.#done.catch(() => resolve(timer));
    });
  }

  /** Forgets those that were answered so far. */
  reset() {
    this.#latencies.reset();
  }

  async end() {
    this.#isRunning = false;
    await this.#done;
    return this.#latencies;
  }

  async #run({ port, instances, perSecond }, started) {
    const load = await Load.open(port, connections, { bodyBytes: successBytes });
    const next = inTurn(singleHeartbeats(instances));
    const isRunning = () => this.#isRunning;
    await load.paced(Infinity, perSecond, next, { isRunning, latencies: this.#latencies, started });
    load.close();
  }
}

/**
 * Heartbeats as fast as they are answered, for so long. A node whose clients have been there for a while has compiled
 * what answers them; a new one does so over some ten thousand requests, which takes its core from the answers.
 */
async function warmUp({ port, instances, warmMs }) {
  const load = await Load.open(port, connections, { bodyBytes: successBytes });
  await load.closed(warmMs, inTurn(singleHeartbeats(instances)));
  load.close();
}

/** The times of heartbeats in one round of {@link noticed}. */
function round(beats, calmMs, task) {
  return loadFirst(async () => {
    const before = await HeartbeatTimer.start(beats);
    await sleep(calmMs);
    const calm = await before.end();
    const timer = await HeartbeatTimer.start(beats);
    await task(() => timer.reset());
    return { calm, meanwhile: await timer.end() };
  });
}

/**
 * The times of heartbeats at the node of this port, over several rounds: while nothing else happens, and during the task.
 * That is told by `begins()` when what it is about begins, and which round it is. The first `warm_rounds` do not count.
 */
export async function noticed({ port, instances, sizes }, task) {
  const { warm_ms: warmMs, warm_rounds: warmRounds, beat_rounds: beatRounds, calm_ms: calmMs } = sizes;
  const beats = { port, instances, perSecond: sizes.beats_per_sec };
  await warmUp({ port, instances, warmMs });
  const rounds = [];
  for (let count = 1; count <= warmRounds + beatRounds; count += 1)
    rounds.push(await round(beats, calmMs, (begins) => task(begins, count)));
  return rounds.slice(warmRounds);
}

/**
 * Of several rounds of {@link noticed}, all their times together: one round is too short to have a percentile, and the
 * whole heap is collected in one of several.
 */
export function noticedFigures(name, rounds) {
  const together = (part) => {
    const all = new Latencies();
    for (const round of rounds) all.add(round[part]);
    return all;
  };
  const [calm, meanwhile] = [together('calm'), together('meanwhile')];
  const ratio = meanwhile.percentile(99) / calm.percentile(99);
  return [
    figure(`${name} before: p99`, calm.percentile(99), 'ms'),
    figure(`${name} meanwhile: p50`, meanwhile.percentile(50), 'ms'),
    figure(`${name} meanwhile: p99`, meanwhile.percentile(99), 'ms'),
    figure(`${name} meanwhile: max`, meanwhile.max, 'ms'),
    figure(`${name} p99 meanwhile, of that before`, ratio, 'x', { must: 1.3 }),
  ];
}
