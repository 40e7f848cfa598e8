import {
  createClient,
  type ArtemisClient,
  type ClientEnvironment,
  type ClientOptions,
} from '@artemis/client';
import { SeededRandom, SimNetwork, VirtualTime } from '@artemis/core/testing';
import { SimCluster } from '../src/cluster.js';
import type { SimNode, SimNodeListener } from '../src/sim-node.js';
import { sdkEndpoint, sdkHeader } from './sdk-endpoint.js';
import { SimSockets } from './sdk-sockets.js';

/** Longer than any request of the SDK waits: its own time-out comes first. */
const networkTimeoutMs = 120_000;

/** Simulated nodes, and clients of the SDK on the same time and network. */
export class SdkWorld {
  readonly time = new VirtualTime();
  readonly random: SeededRandom;
  readonly network: SimNetwork;
  readonly cluster: SimCluster;
  /** `reason id`, of every removal at any node. */
  readonly removals: string[] = [];
  readonly sockets: SimSockets;
  /** Every request and message of every client, as it was sent: the same for the same seed. */
  readonly requests: string[] = [];
  readonly problems: unknown[] = [];

  constructor(seed: number, leaseMs: number) {
    this.random = new SeededRandom(`sdk/${seed}`);
    this.network = new SimNetwork({ scheduler: this.time.scheduler, random: this.random.fork('network') });
    this.cluster = new SimCluster({
      time: this.time,
      network: this.network,
      seed: `sdk/${seed}`,
      skewsMs: [0, 0, 0],
      config: { lease: { ttlMs: leaseMs }, cluster: { healthCheckIntervalMs: 1000 } },
      listener: this.#listener,
    });
    const { time, network, random } = this;
    this.sockets = new SimSockets({
      time,
      network,
      random: random.fork('sockets'),
      nodes: this.cluster.nodes,
    });
    for (const node of this.cluster.nodes) node.wrap((inner) => sdkEndpoint(node, inner));
  }

  get #listener(): SimNodeListener {
    return {
      changed: (_node, { record, reason, type }) => {
        if (type === 'delete') this.removals.push(`${reason} ${record.instanceKey.instance_id}`);
      },
      failed: (_node, error) => this.problems.push(error),
      peerCalled: () => undefined,
      clientAnswered: () => undefined,
      started: () => undefined,
      resumed: () => undefined,
      ended: () => undefined,
    };
  }

  /** A client at a place of its own in the network. It knows the address of one node. */
  client(name: string, knows: SimNode, options: Partial<ClientOptions> = {}): ArtemisClient {
    return createClient({ urls: [knows.url], environment: this.#environment(name), ...options });
  }

  #environment(name: string): ClientEnvironment {
    const { clock, scheduler } = this.time.node();
    const transport = this.network.transport(`http://${name}`);
    return {
      clock,
      scheduler,
      random: this.random.fork(name),
      fetch: (url, { method, headers, body, signal }) => {
        const { origin, pathname, search } = new URL(url);
        this.requests.push(`${this.time.nowMs} ${name} ${method} ${url} ${body ?? ''}`);
        const lower = Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]);
        const call = transport.call(origin, {
          method,
          path: pathname + search,
          headers: { ...(Object.fromEntries(lower) as Record<string, string>), [sdkHeader]: name },
          ...(body === undefined ? {} : { body: JSON.parse(body) as unknown }),
          timeoutMs: networkTimeoutMs,
        });
        const aborted = new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
        return Promise.race([call, aborted]).then((answer) => ({
          status: answer.status,
          headers: { get: (key) => answer.headers[key.toLowerCase()] ?? null },
          text: async () => (answer.body === undefined ? '' : JSON.stringify(answer.body)),
        }));
      },
      openSocket: (url, listener) => {
        const socket = this.sockets.open(`http://${name}`, url, listener);
        return {
          send: (text) => {
            this.requests.push(`${this.time.nowMs} ${name} ${url} ${text}`);
            socket.send(text);
          },
          close: () => socket.close(),
        };
      },
    };
  }
}
