import type { Runtime } from '../traits/runtime.js';
import { CollectedLogger } from './collected-logger.js';
import { MemoryStore } from './memory-store.js';
import { SeededRandom } from './seeded-random.js';
import type { SimClock, SimClockOptions, SimScheduler } from './sim-clock.js';
import { SimNames } from './sim-names.js';
import { SimNetwork } from './sim-network.js';
import type { SimProcess } from './sim-process.js';
import { VirtualTime } from './virtual-time.js';

/** A runtime whose parts can be looked at and disturbed. */
export interface SimRuntime extends Runtime {
  readonly clock: SimClock;
  readonly scheduler: SimScheduler;
  readonly random: SeededRandom;
  readonly store: MemoryStore;
  readonly logger: CollectedLogger;
  readonly resolver: SimNames;
  /** All timers and messages of the node pass through it; whoever attaches the node to the network hands it over. */
  readonly process: SimProcess;
  /** What the node shares with the others. */
  readonly time: VirtualTime;
  readonly network: SimNetwork;
  /** Where the network finds the node, once something is attached there. */
  readonly url: string;
}

export interface SimRuntimeOptions extends SimClockOptions {
  /** Default `http://node1:8080`. */
  readonly url?: string;
  /** Shared by the nodes of a cluster; default: one of its own. */
  readonly time?: VirtualTime;
  /** Shared by the nodes of a cluster; default: one of its own on `time`. */
  readonly network?: SimNetwork;
  /** Of this node's chance, which is another for each URL and each start. Default 1. */
  readonly seed?: number | string;
  /** Handed on from the run before, when the node is restarted. Default: an empty one. */
  readonly store?: MemoryStore;
  readonly logger?: CollectedLogger;
  /** Default: knows no name. */
  readonly resolver?: SimNames;
}

/** Everything that one simulated node takes from the outside. */
export function simRuntime(options: SimRuntimeOptions = {}): SimRuntime {
  const { url = 'http://node1:8080', time = new VirtualTime(), seed = 1 } = options;
  const random = new SeededRandom(seed);
  const network =
    options.network ?? new SimNetwork({ scheduler: time.scheduler, random: random.fork('network') });
  const nodeTime = time.node(options);
  return {
    ...nodeTime,
    // By the time as well: a node that is restarted must not draw the same run id again.
    random: random.fork(`${url} since ${time.nowMs} ms`),
    transport: network.transport(url, nodeTime.process),
    store: options.store ?? new MemoryStore(),
    logger: options.logger ?? new CollectedLogger(),
    resolver: options.resolver ?? new SimNames(),
    time,
    network,
    url,
  };
}
