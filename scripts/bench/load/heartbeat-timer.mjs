// What clients at a node notice of something that happens to it: heartbeats at a steady pace, as long as it takes.
import { encodeRequest } from './raw-connection.mjs';
import { Load } from './load.mjs';
import { paths } from '../node-client.mjs';

const perSecond = 250;
const connections = 16;

/** Heartbeats of these keys in turn, until `end`, which answers their {@link Latencies}. */
export class HeartbeatTimer {
  #isRunning = true;
  #done;

  constructor(port, keys) {
    this.#done = this.#run(port, keys);
    // Told by `end`.
    this.#done.catch(() => undefined);
  }

  end() {
    this.#isRunning = false;
    return this.#done;
  }

  async #run(port, keys) {
    const all = keys.map((key) =>
      encodeRequest('POST', paths.heartbeat, { body: JSON.stringify({ instance_keys: [key] }) }),
    );
    const load = await Load.open(port, connections);
    let at = 0;
    const next = () => {
      at = (at + 1) % all.length;
      return all[at];
    };
    const { latencies } = await load.paced(Infinity, perSecond, next, { isRunning: () => this.#isRunning });
    load.close();
    return latencies;
  }
}
