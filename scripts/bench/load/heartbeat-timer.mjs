// What clients at a node notice of something that happens to it: heartbeats at a steady pace, as long as it takes.
import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../figures.mjs';
import { Latencies } from '../statistics.mjs';
import { Load } from './load.mjs';
import { inTurn, singleHeartbeats, successBytes } from './requests.mjs';

const perSecond = 250;
const connections = 16;
/** For whoever looks whether a task has ended: rarely, since clients would notice that too. */
export const unnoticed = { everyMs: 100 };

/** Heartbeats of the first so many instances in turn, until `end`, which answers their {@link Latencies}. */
class HeartbeatTimer {
  #latencies = new Latencies();
  #isRunning = true;
  #done;

  constructor(port, instances) {
    this.#done = this.#run(port, instances);
    // Told by `end`.
    this.#done.catch(() => undefined);
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

  async #run(port, instances) {
    const load = await Load.open(port, connections, { bodyBytes: successBytes });
    const next = inTurn(singleHeartbeats(instances));
    const isRunning = () => this.#isRunning;
    await load.paced(Infinity, perSecond, next, { isRunning, latencies: this.#latencies });
    load.close();
  }
}

/**
 * The times of heartbeats at the node of this port: while nothing else happens, beside another process that is as busy
 * as the other node will be (of two processes on one machine each delays the other, whatever they do), and during the
 * task. That is told by `begins()` when what it is about begins.
 */
export async function noticed({ stage, port, instances, calmMs }, task) {
  const timer = () => new HeartbeatTimer(port, instances);
  const calm = async () => {
    const running = timer();
    await sleep(calmMs);
    return running.end();
  };
  const alone = await calm();
  const busy = await stage.script('bare/busy.mjs', { place: 'apart' });
  const beside = await calm();
  busy.process.kill('SIGKILL');
  const during = timer();
  await task(() => during.reset());
  return { alone, beside, during: await during.end() };
}

/**
 * Of several rounds of {@link noticed}, all their times together: one round is too short to have a percentile, and the
 * whole heap is collected in one of several.
 */
export function noticedFigures(name, rounds) {
  const [alone, beside, during] = ['alone', 'beside', 'during'].map((part) => {
    const together = new Latencies();
    for (const round of rounds) together.add(round[part]);
    return together;
  });
  const p99 = (latencies) => latencies.percentile(99);
  return [
    figure(`${name} alone: p99`, p99(alone), 'ms'),
    figure(`${name} beside another busy process: p99`, p99(beside), 'ms'),
    figure(`${name} meanwhile: p99`, p99(during), 'ms'),
    figure(`${name} meanwhile: max`, during.max, 'ms'),
    figure(`${name} p99 meanwhile, of that beside`, p99(during) / p99(beside), 'x', { must: 1.3 }),
  ];
}
