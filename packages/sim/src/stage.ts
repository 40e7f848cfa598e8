import type { Change } from '@artemis/core';
import type { SeededRandom } from '@artemis/core/testing';
import { anInstance, type LinkFaults, type VirtualTime } from '@artemis/core/testing';
import type { ClientOptions } from './client.js';
import { SimClient } from './client.js';
import type { ClientEvent } from './client-event.js';
import type { SimCluster } from './cluster.js';
import { FaultPlan } from './faults.js';
import type { SimNode } from './sim-node.js';

/** What a client's links to the nodes are like unless the scenario says otherwise: never doubled, as TCP is not. */
const calmLinks: LinkFaults = { requestLoss: 0, answerLoss: 0, duplicates: 0, delayMs: [1, 3] };

export interface StageOptions {
  readonly time: VirtualTime;
  readonly cluster: SimCluster;
  readonly random: SeededRandom;
  readonly leaseMs: number;
  /** Of clients, until their links are calm. */
  readonly clientLinks: Partial<LinkFaults>;
  readonly emit: (event: ClientEvent) => void;
  readonly note: (text: string) => void;
  /** Something that must not fail did. */
  readonly failed: (node: SimNode, error: unknown) => void;
}

type NewClient = Partial<Omit<ClientOptions, 'id'>> & { readonly name: string; readonly service?: string };

/** What a scenario works with: nodes that are ready, clients to be made, faults to be planned. */
export class Stage {
  readonly cluster: SimCluster;
  readonly faults: FaultPlan;
  /** Scenarios draw from this alone. */
  readonly random: SeededRandom;
  readonly leaseMs: number;
  readonly #options: StageOptions;
  readonly #clients: SimClient[] = [];
  readonly #urls: string[] = [];
  readonly #listeners: ((node: SimNode, change: Change) => void)[] = [];
  readonly #startMs: number;
  #made = 0;

  constructor(options: StageOptions) {
    const { cluster, random, leaseMs, time, note, failed } = options;
    this.#options = options;
    this.cluster = cluster;
    this.random = random;
    this.leaseMs = leaseMs;
    this.#startMs = time.nowMs;
    this.faults = new FaultPlan({
      network: cluster.network,
      scheduler: time.scheduler,
      nowMs: () => this.nowMs,
      note,
      failed,
    });
  }

  /** Virtual ms since the play began; all times of a scenario count from there. */
  get nowMs(): number {
    return this.#options.time.nowMs - this.#startMs;
  }

  /** Wall time of a clock without skew, unix ms. */
  get nowWallMs(): number {
    return this.#options.time.clock.wallMs();
  }

  get nodes(): readonly SimNode[] {
    return this.cluster.nodes;
  }

  get clients(): readonly SimClient[] {
    return this.#clients;
  }

  node(index: number): SimNode {
    const found = this.nodes[index];
    if (found === undefined) throw new Error(`the cluster has no node ${index + 1}`);
    return found;
  }

  /** Two different nodes. */
  drawPair(random: SeededRandom = this.random): readonly [SimNode, SimNode] {
    const from = random.pick(this.nodes);
    return [from, random.pick(this.nodes.filter((node) => node !== from))];
  }

  /** A client that does nothing yet. Clients of one name and service write one key. */
  client({ name, service = 'service-1', ...options }: NewClient): SimClient {
    const { time, cluster, leaseMs, random, emit } = this.#options;
    this.#made += 1;
    const id = `${name}.${this.#made}`;
    const url = `client://${id}`;
    this.#setLinks(url, { ...calmLinks, ...this.#options.clientLinks });
    const ttlMs = options.ttlMs ?? leaseMs;
    const instance = anInstance({
      service_id: service,
      instance_id: name,
      lease_ttl_secs: ttlMs / 1000,
      ...options.instance,
    });
    const client = new SimClient(
      { routing: 'sticky', home: this.#made, ...options, id, instance, ttlMs },
      {
        nodes: this.nodes,
        transport: cluster.network.transport(url),
        scheduler: time.scheduler,
        random: random.fork(id),
        nowMs: () => time.nowMs,
        wallMs: () => time.clock.wallMs(),
        emit,
      },
    );
    this.#clients.push(client);
    this.#urls.push(url);
    return client;
  }

  /** Every change of every node, of later runs too. */
  onChange(listener: (node: SimNode, change: Change) => void): void {
    this.#listeners.push(listener);
  }

  /** For the run, which knows first. */
  changed(node: SimNode, change: Change): void {
    for (const listener of this.#listeners) listener(node, change);
  }

  at(atMs: number, task: () => void): void {
    this.#options.time.scheduler.after(atMs - this.nowMs, task);
  }

  /** Clients' links are good and their heartbeats regular from here on. */
  calmClients(): void {
    for (const url of this.#urls) this.#setLinks(url, calmLinks);
    for (const client of this.#clients) client.beatRegularly();
  }

  #setLinks(url: string, faults: LinkFaults): void {
    for (const node of this.nodes) {
      this.cluster.network.setLinkFaults(url, node.url, faults);
      this.cluster.network.setLinkFaults(node.url, url, faults);
    }
  }
}
