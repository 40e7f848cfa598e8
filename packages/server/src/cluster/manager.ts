import type { Cancel, Clock, Logger, RequestHeaders, Scheduler } from '@artemis/core';
import type { ArtemisConfig } from '@artemis/core/config';
import { parsePeer } from '@artemis/core/config';
import type { Identity } from '../identity.js';
import type { PeerCaller } from './caller.js';
import type { PeerMoment } from './peer.js';
import { Peer } from './peer.js';
import type { ProbeResult } from './prober.js';
import { probe } from './prober.js';

/** What the cluster manager tells of a peer. */
export interface PeerListener {
  /** A probe was answered. `recovered`: the one before was not; `newRun`: it started since, so it may lack everything. */
  alive(peer: Peer, news: { readonly recovered: boolean; readonly newRun: boolean }): void;
  /** It turned out to be this node itself. */
  removed(peer: Peer): void;
}

interface ClusterManagerOptions {
  readonly config: ArtemisConfig;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly caller: PeerCaller;
}

/** The peers of the configuration, and what is known of their life: probes, failed calls, and what they send. */
export class ClusterManager {
  readonly #options: ClusterManagerOptions;
  #peers: readonly Peer[];
  readonly #probing = new Map<Peer, Promise<void>>();
  #listener: PeerListener | undefined;
  #cancel: Cancel | undefined;
  #firstRound = false;

  constructor(options: ClusterManagerOptions) {
    this.#options = options;
    const { config, clock } = options;
    const addresses = config.cluster.enabled ? config.cluster.peers.map((text) => parsePeer(text)) : [];
    this.#peers = addresses
      .filter((found) => found !== undefined)
      .map(
        ({ address, url }) => new Peer(address, url, config.cluster.healthCheckIntervalMs, clock.wallMs()),
      );
  }

  get peers(): readonly Peer[] {
    return this.#peers;
  }

  /** Whether every peer has been probed once, with whatever result. */
  get probedAll(): boolean {
    return this.#firstRound;
  }

  start(listener: PeerListener): void {
    const { config, scheduler, logger } = this.#options;
    this.#listener = listener;
    if (!config.cluster.enabled) {
      this.#firstRound = true;
      return;
    }
    for (const peer of this.#peers) logger.info(`Adding peer node: ${peer.address} at ${peer.url}`);
    const intervalMs = config.cluster.healthCheckIntervalMs;
    this.#cancel = scheduler.every(intervalMs, () => this.#round());
    logger.info(`Health check task started (interval: ${intervalMs / 1000}s)`);
    logger.info(`Cluster initialized with ${this.#peers.length} peers`);
    void Promise.all(this.#peers.map((peer) => this.probeNow(peer))).then(() => {
      this.#firstRound = true;
    });
  }

  stop(): void {
    this.#cancel?.();
  }

  /** Probes the peer unless a probe of it is under way. Resolves when that one has ended; never rejects. */
  probeNow(peer: Peer): Promise<void> {
    const running = this.#probing.get(peer);
    if (running !== undefined) return running;
    const { caller, config } = this.#options;
    const started = probe(caller, peer, config.cluster.probeTimeoutMs).then((result) => {
      this.#probing.delete(peer);
      if (this.#peers.includes(peer)) this.#learn(peer, result);
    });
    this.#probing.set(peer, started);
    return started;
  }

  /** A call other than a probe failed: the peer is suspect, and is asked at once. */
  callFailed(peer: Peer, reason: string): void {
    this.#failed(peer, reason);
    void this.probeNow(peer);
  }

  /** Any request of a peer proves it alive. One that is not known to be reachable is asked at once. */
  heard(headers: RequestHeaders): void {
    const peer = this.#senderOf(headers);
    this.#options.caller.takeClock(peer?.address ?? String(headers['x-artemis-node']), headers);
    if (peer === undefined) return;
    const restarted = peer.identity !== undefined && peer.identity.run_id !== headers['x-artemis-run'];
    peer.heard(this.#now());
    if (restarted || peer.state !== 'alive') void this.probeNow(peer);
  }

  /** Whether this node's own calls to that node arrive. An unknown node cannot be told anything. */
  canDeliverTo(nodeId: string): boolean {
    return this.#peers.some((peer) => peer.identity?.node_id === nodeId && peer.reachable);
  }

  /** How far the fastest wall clock of the cluster is ahead of this node's, ms; never negative. */
  get fastestLeadMs(): number {
    return Math.max(0, ...this.#peers.map((peer) => peer.wallLeadMs));
  }

  #round(): void {
    for (const peer of this.#peers) void this.probeNow(peer);
  }

  #learn(peer: Peer, result: ProbeResult): void {
    if (result.kind === 'failed') {
      this.#failed(peer, result.reason);
      return;
    }
    const known = peer.identity?.run_id;
    const recovered = peer.state !== 'alive';
    if (result.kind === 'node') {
      if (result.status.run_id === this.#options.identity.runId) {
        this.#removeSelf(peer);
        return;
      }
      peer.identified(result.status, this.#now());
    } else {
      peer.answered(this.#now());
    }
    const newRun = result.kind === 'node' && result.status.run_id !== known;
    if (recovered)
      this.#options.logger.info(`Peer ${peer.address} is alive`, { node: peer.identity?.node_id });
    this.#listener?.alive(peer, { recovered, newRun });
  }

  #removeSelf(peer: Peer): void {
    this.#peers = this.#peers.filter((other) => other !== peer);
    this.#options.logger.info(`Peer ${peer.address} is this node itself, skipped`);
    this.#listener?.removed(peer);
  }

  #failed(peer: Peer, reason: string): void {
    const before = peer.state;
    peer.failed(reason, this.#now());
    if (peer.state !== before) {
      this.#options.logger.warn(`Peer ${peer.address} is ${peer.state}: ${reason}`, {
        node: peer.identity?.node_id,
      });
    }
  }

  #senderOf(headers: RequestHeaders): Peer | undefined {
    const nodeId = headers['x-artemis-node'];
    const address = headers['x-artemis-address'];
    if (nodeId === undefined) return undefined;
    return this.#peers.find((peer) => peer.identity?.node_id === nodeId || peer.address === address);
  }

  #now(): PeerMoment {
    return { monotonicMs: this.#options.clock.monotonicMs(), wallMs: this.#options.clock.wallMs() };
  }
}
