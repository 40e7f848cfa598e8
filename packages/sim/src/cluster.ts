import type { Change, PeerRequest, PeerResponse, PeerStatus } from '@artemis/core';
import type { ArtemisConfig, ConfigOverrides } from '@artemis/core/config';
import { defaultConfig } from '@artemis/core/config';
import type { SimEndpoint, SimNetwork, SimRuntime, VirtualTime } from '@artemis/core/testing';
import { CollectedLogger, peerEndpoint, simRuntime } from '@artemis/core/testing';
import type { ArtemisNode } from '@artemis/server';
import { createNode } from '@artemis/server';
import { answerClient, isClientRequest } from './client-endpoint.js';
import { liveTable, NodeTable } from './node-table.js';

/** Lines of a node's log that are kept. */
const logLines = 500;

export interface SimNode {
  /** `node1`, `node2`, … */
  readonly id: string;
  readonly url: string;
  readonly config: ArtemisConfig;
  readonly runtime: SimRuntime;
  readonly node: ArtemisNode;
  /** What the change feed told so far. */
  readonly table: NodeTable;
}

/** A request of one node that another one has answered; its answer may still be lost. */
export interface PeerCall {
  readonly fromId: string;
  readonly to: SimNode;
  readonly request: PeerRequest;
  readonly response: PeerResponse;
}

export interface ClusterOptions {
  readonly time: VirtualTime;
  readonly network: SimNetwork;
  readonly seed: string;
  /** How far the wall clock of each node is ahead, ms; there are as many nodes. */
  readonly skewsMs: readonly number[];
  readonly config?: ConfigOverrides;
  /** Called in the turn of each change of a node's table. */
  readonly changed: (node: SimNode, change: Change) => void;
  readonly peerCalled: (call: PeerCall) => void;
}

/** Real nodes on one virtual time and one simulated network. */
export class SimCluster {
  readonly network: SimNetwork;
  readonly nodes: readonly SimNode[];
  readonly #options: ClusterOptions;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.network = options.network;
    const urls = options.skewsMs.map((_skew, index) => `http://node${index + 1}:8080`);
    this.nodes = options.skewsMs.map((skewMs, index) => this.#build(index, skewMs, urls));
  }

  /** Resolves when every node has asked every other one. */
  async start(limitMs = 10_000): Promise<void> {
    const started = Promise.all(this.nodes.map(({ node }) => node.start()));
    await this.#options.time.finish(started, limitMs);
    const ready = (): boolean => this.nodes.every(({ node }) => node.state.health.readiness().ready);
    await this.#options.time.runUntil(ready, limitMs, 'all nodes are ready');
  }

  async stop(): Promise<void> {
    await this.#options.time.finish(Promise.all(this.nodes.map(({ node }) => node.stop())));
  }

  get(id: string): SimNode {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) throw new Error(`there is no node ${id}`);
    return found;
  }

  /** Puts something between the network and a node: a fault that no link can have, or a defect made on purpose. */
  wrap({ id, url }: SimNode, wrapper: (endpoint: SimEndpoint) => SimEndpoint): void {
    const wrapped = wrapper(this.#endpoint(this.get(id)));
    this.network.attach(url, wrapped);
  }

  /** Every ordered pair of nodes. */
  pairs(): readonly (readonly [from: SimNode, to: SimNode])[] {
    return this.nodes.flatMap((from) =>
      this.nodes.filter((to) => to !== from).map((to) => [from, to] as const),
    );
  }

  /** Whether all nodes hold the same live records. */
  get equal(): boolean {
    const [first, ...others] = this.nodes;
    return others.every(({ table }) => table.digest === first?.table.digest);
  }

  /** Whether nothing waits for any peer, or is under way to it. */
  get quiet(): boolean {
    return this.#peers().every((peer) => peer.outbox_depth === 0);
  }

  /** Whether all are equal and no node has yet to offer its table to another one. */
  get settled(): boolean {
    return this.equal && this.#peers().every((peer) => !peer.repair_pending && peer.status === 'alive');
  }

  /** A counter of all nodes and labels together, by its name without `artemis_`. */
  async counted(name: string): Promise<number> {
    const texts = await Promise.all(this.nodes.map(({ node }) => node.state.metrics.render()));
    const lines = texts.flatMap(({ text }) => text.split('\n'));
    const values = lines
      .filter((line) => line.startsWith(`artemis_${name}`))
      .map((line) => line.split(' ').at(-1));
    return values.reduce((sum, value) => sum + Number(value), 0);
  }

  /** Which live records not all nodes hold, and who holds them: a few lines for a report. */
  differences(most = 5): string[] {
    const holders = new Map<string, string[]>();
    for (const { id, node } of this.nodes) {
      for (const row of liveTable(node.state)) holders.set(row, [...(holders.get(row) ?? []), id]);
    }
    const partial = [...holders].filter(([, ids]) => ids.length < this.nodes.length);
    return partial.slice(0, most).map(([row, ids]) => `${row} only at ${ids.join(', ')}`);
  }

  #peers(): PeerStatus[] {
    return this.nodes.flatMap(({ node }) => node.state.cluster.status().peers);
  }

  #build(index: number, skewMs: number, urls: readonly string[]): SimNode {
    const { time, network, seed } = this.#options;
    const url = urls[index] ?? '';
    const config = nodeConfig(`node${index + 1}`, urls, this.#options.config);
    const logger = new CollectedLogger(logLines);
    const runtime = simRuntime({ url, time, network, seed, skewMs, logger });
    const node = createNode(config, runtime);
    const built: SimNode = { id: config.server.nodeId, url, config, runtime, node, table: new NodeTable() };
    node.changes.subscribe((change) => {
      built.table.apply(change);
      this.#options.changed(built, change);
    });
    network.attach(url, this.#endpoint(built));
    return built;
  }

  #endpoint(to: SimNode): SimEndpoint {
    const { state } = to.node;
    const forPeers = peerEndpoint(state);
    return async (request) => {
      if (isClientRequest(request)) return answerClient(state, request);
      const response = await forPeers(request);
      this.#options.peerCalled({ fromId: request.headers['x-artemis-node'] ?? '', to, request, response });
      return response;
    };
  }
}

/** The list of peers names the node itself too, as it does where every node has the same file. */
function nodeConfig(nodeId: string, urls: readonly string[], overrides: ConfigOverrides = {}): ArtemisConfig {
  const address = `${nodeId}:8080`;
  return defaultConfig({
    ...overrides,
    server: { ...overrides.server, nodeId, listenAddr: address, advertiseAddr: address },
    cluster: { ...overrides.cluster, enabled: true, peers: urls },
  });
}
