// What clients at a node notice of something that happens to it: heartbeats at a steady pace, as long as it takes.
import { figure } from '../figures.mjs';
import { median } from '../statistics.mjs';
import { Load } from './load.mjs';
import { inTurn, singleHeartbeats, successBytes } from './requests.mjs';

const perSecond = 250;
const connections = 16;

/** Heartbeats of the first so many instances in turn, until `end`, which answers their {@link Latencies}. */
export class HeartbeatTimer {
  #isRunning = true;
  #done;

  constructor(port, instances) {
    this.#done = this.#run(port, instances);
    // Told by `end`.
    this.#done.catch(() => undefined);
  }

  end() {
    this.#isRunning = false;
    return this.#done;
  }

  async #run(port, instances) {
    const load = await Load.open(port, connections, { bodyBytes: successBytes });
    const next = inTurn(singleHeartbeats(instances));
    const { latencies } = await load.paced(Infinity, perSecond, next, { isRunning: () => this.#isRunning });
    load.close();
    return latencies;
  }
}

/** Of several rounds, each with the latencies `before` something happens and `during` it: what clients notice of that. */
export function noticedFigures(name, rounds) {
  const middle = (read) => median(rounds.map(read));
  const ratioOf = ({ before, during }) => during.percentile(99) / before.percentile(99);
  return [
    figure(
      `${name} before: p99`,
      middle(({ before }) => before.percentile(99)),
      'ms',
    ),
    figure(
      `${name} during: p99`,
      middle(({ during }) => during.percentile(99)),
      'ms',
    ),
    figure(`${name}: ratio of p99`, middle(ratioOf), 'x', { must: 1.3 }),
    figure(
      `${name} during: max`,
      middle(({ during }) => during.max),
      'ms',
    ),
  ];
}
