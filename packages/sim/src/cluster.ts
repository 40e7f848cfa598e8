import type { PeerRequest, PeerResponse, PeerStatus } from '@artemis/core';
import type { ArtemisConfig, ConfigOverrides } from '@artemis/core/config';
import { defaultConfig } from '@artemis/core/config';
import type { SimNetwork, VirtualTime } from '@artemis/core/testing';
import { liveTable } from './node-table.js';
import type { SimNodeListener } from './sim-node.js';
import { SimNode } from './sim-node.js';

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
  readonly listener: SimNodeListener;
}

/** Real nodes on one virtual time and one simulated network. */
export class SimCluster {
  readonly network: SimNetwork;
  readonly nodes: readonly SimNode[];
  readonly #time: VirtualTime;

  constructor({ time, network, seed, skewsMs, config, listener }: ClusterOptions) {
    this.#time = time;
    this.network = network;
    const urls = skewsMs.map((_skew, index) => `http://node${index + 1}:8080`);
    this.nodes = skewsMs.map((skewMs, index) => {
      const nodeOptions = { time, network, seed, skewMs, listener, url: urls[index] ?? '' };
      return new SimNode({ ...nodeOptions, config: nodeConfig(`node${index + 1}`, urls, config) });
    });
  }

  /** Those that run and are not held up. */
  get running(): readonly SimNode[] {
    return this.nodes.filter(({ state }) => state === 'running');
  }

  /** Resolves when every node has asked every other one. */
  async start(limitMs = 10_000): Promise<void> {
    await this.#time.finish(Promise.all(this.nodes.map((node) => node.start())), limitMs);
    await this.#time.runUntil(() => this.nodes.every(({ ready }) => ready), limitMs, 'all nodes are ready');
  }

  async stop(): Promise<void> {
    await this.#time.finish(Promise.all(this.running.map(({ node }) => node.stop())));
  }

  get(id: string): SimNode {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) throw new Error(`there is no node ${id}`);
    return found;
  }

  /** Every ordered pair of nodes. */
  pairs(): readonly (readonly [from: SimNode, to: SimNode])[] {
    return this.nodes.flatMap((from) =>
      this.nodes.filter((to) => to !== from).map((to) => [from, to] as const),
    );
  }

  /** Whether all nodes run, are ready and can prove that they hold the same live records. */
  get equal(): boolean {
    const roots = this.nodes.map(({ node }) => node.state.cluster.node().root_digest);
    return new Set(roots).size === 1 && this.nodes.every(({ ready }) => ready);
  }

  /** Whether nothing waits for any peer, or is under way to it. */
  get quiet(): boolean {
    return this.#peers().every((peer) => peer.outbox_depth === 0);
  }

  /** Whether no node has yet to compare its table with another one because of something that happened. */
  get repaired(): boolean {
    return this.#peers().every((peer) => !peer.repair_pending);
  }

  /** Whether all are equal and reach each other. */
  get settled(): boolean {
    return this.equal && this.#peers().every((peer) => peer.status === 'alive');
  }

  /** A counter of all running nodes and labels together, by its name without `artemis_`. */
  async counted(name: string): Promise<number> {
    const texts = await Promise.all(this.running.map(({ node }) => node.state.metrics.render()));
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
    return this.running.flatMap(({ node }) => node.state.cluster.status().peers);
  }
}

/**
 * With a handful of instances at each node, self-preservation would hold back the expiry of any two: it is off unless a
 * scenario is about it. The list of peers names the node itself too, as it does where every node has the
 * same file.
 */
function nodeConfig(nodeId: string, urls: readonly string[], overrides: ConfigOverrides = {}): ArtemisConfig {
  const address = `${nodeId}:8080`;
  return defaultConfig({
    selfPreservation: { enabled: false },
    ...overrides,
    server: { ...overrides.server, nodeId, listenAddr: address, advertiseAddr: address },
    cluster: { ...overrides.cluster, enabled: true, peers: urls },
  });
}
