import type { Logger } from '@artemis/core';
import type { ConfigOverrides } from '@artemis/core/config';
import { silentLogger } from '@artemis/server';
import { Place } from './place.js';
import { testConfig } from './test-config.js';
import { ServedNode, type TestNode } from './test-node.js';
import { until } from './until.js';

export interface TestClusterOptions {
  /**
   * What is to be other than in a cluster for tests, on every node, such as `{ lease: { ttlMs: 1000 } }`. Addresses,
   * ids and peers are given.
   */
  readonly config?: ConfigOverrides;
  /** Where the nodes log. Default: nowhere. */
  readonly logger?: Logger;
}

export interface Waiting {
  /** Milliseconds after which to give up; default 10 000. */
  readonly timeoutMs?: number;
}

/**
 * Real nodes with real sockets on free ports of the loopback, within this process, and a store in memory:
 *
 * ```ts
 * await using cluster = await startTestCluster(3);
 * const client = createClient({ urls: cluster.urls });
 * ```
 */
export interface TestCluster extends AsyncDisposable {
  /** Of every node, whether it runs or not. */
  readonly urls: string[];
  /** `node1`, `node2` and so on, in this order. */
  readonly nodes: readonly TestNode[];
  /** How long it took from the call to a cluster that is ready, ms. */
  readonly startMs: number;
  /**
   * Resolves when all nodes that run hold the same table, by their root digests. Rejects with what each holds when
   * that takes too long.
   */
  equal(waiting?: Waiting): Promise<void>;
  /** Resolves when all nodes that run are ready and see each other. */
  connected(waiting?: Waiting): Promise<void>;
  /** Ends all nodes at once. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a cluster for tests. Resolves when its nodes are ready and see each other. Several can run at once.
 *
 * @param size number of nodes, default 3
 * @throws ConfigError when the configuration is wrong
 */
export async function startTestCluster(
  size = 3,
  { config = {}, logger = silentLogger }: TestClusterOptions = {},
): Promise<TestCluster> {
  if (!Number.isInteger(size) || size < 1 || size > 99)
    throw new Error(`a test cluster has 1 to 99 nodes, not ${size}`);
  const begunMs = performance.now();
  const places = await Promise.all(Array.from({ length: size }, () => Place.take(0)));
  const closePlaces = () => Promise.all(places.map((place) => place.leave(0)));
  try {
    const addresses = places.map(({ address }) => address);
    const nodes = places.map((place, index) => {
      const { address } = place;
      const nodeId = `node${index + 1}`;
      const peers = addresses.filter((peer) => peer !== address);
      return new ServedNode({
        nodeId,
        place,
        logger,
        config: testConfig(config, { nodeId, address, peers }),
      });
    });
    return await RunningCluster.start(nodes, begunMs);
  } catch (error) {
    await closePlaces();
    throw error;
  }
}

class RunningCluster implements TestCluster {
  readonly nodes: readonly ServedNode[];
  startMs = 0;

  private constructor(nodes: readonly ServedNode[]) {
    this.nodes = nodes;
  }

  static async start(nodes: readonly ServedNode[], begunMs: number): Promise<RunningCluster> {
    const cluster = new RunningCluster(nodes);
    try {
      await Promise.all(nodes.map(({ node }) => node.start()));
      await cluster.connected();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    cluster.startMs = performance.now() - begunMs;
    return cluster;
  }

  get urls(): string[] {
    return this.nodes.map(({ url }) => url);
  }

  equal(waiting: Waiting = {}): Promise<void> {
    const what = () => `the nodes do not hold the same: ${this.#running().map(holding).join(', ')}`;
    return until(() => new Set(this.#running().map(rootOf)).size <= 1, { what, ...waiting });
  }

  connected(waiting: Waiting = {}): Promise<void> {
    const what = () => `the nodes are not connected: ${this.#running().map(seeing).join(', ')}`;
    return until(() => this.#running().every((node) => this.#isConnected(node)), { what, ...waiting });
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #running(): ServedNode[] {
    return this.nodes.filter(({ running }) => running);
  }

  #isConnected({ node: { state } }: ServedNode): boolean {
    return state.health.readiness().ready && upOf(state).length === this.#running().length;
  }
}

type State = ServedNode['node']['state'];

const upOf = ({ cluster }: State) => cluster.upNodes().nodes;
const rootOf = ({ node }: ServedNode) => node.state.cluster.node().root_digest;

function holding({ nodeId, node }: ServedNode): string {
  const { live_records: records, root_digest: root } = node.state.cluster.node();
  return `${nodeId} ${records} instances (root ${root})`;
}

function seeing({ nodeId, node: { state } }: ServedNode): string {
  const closed = Object.values(state.health.readiness().gates).flatMap(({ reason }) => reason ?? []);
  return `${nodeId} sees ${upOf(state).length} nodes${closed.map((reason) => ` (${reason})`).join('')}`;
}
