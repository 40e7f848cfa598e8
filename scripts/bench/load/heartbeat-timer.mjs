// What clients at a node notice of something that happens to it: heartbeats at a steady pace, as long as it takes.
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
