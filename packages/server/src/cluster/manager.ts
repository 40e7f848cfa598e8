import type {
  Admission,
  Cancel,
  Clock,
  Logger,
  NodeStatus,
  PeerState,
  RequestHeaders,
  Resolver,
  Scheduler,
} from '@artemis/core';
import type { ArtemisConfig, PeerAddress } from '@artemis/core/config';
import { parsePeer } from '@artemis/core/config';
import type { Identity } from '../identity.js';
import { DoubleWatch } from './doubles.js';
import { LearnedPeers } from './learned.js';
import type { PeerCaller } from './caller.js';
import { PeerContacts } from './contacts.js';
import { PeerNames } from './names.js';
import type { Peer, PeerMoment } from './peer.js';
import { momentOf } from './peer.js';
import type { ProbeResult } from './prober.js';
import { probe } from './prober.js';
import { PeerRoster } from './roster.js';

/** A peer that starts is asked so many times as often, since it will be up soon. */
const startingRounds = 10;

/** What the cluster manager tells of peers. */
export interface PeerListener {
  /** It is a peer from now on; nothing is known of it yet. */
  added(peer: Peer): void;
  /** It is none any more, or turned out to be this node, another peer, or a second node of this node's id. */
  removed(peer: Peer): void;
  /** A probe was answered. `recovered`: the one before was not; `newRun`: it started since, so it may lack everything. */
  alive(peer: Peer, news: { readonly recovered: boolean; readonly newRun: boolean }): void;
}

interface ClusterManagerOptions {
  readonly config: ArtemisConfig;
  readonly identity: Identity;
  readonly clock: Clock;
  /** For comparisons with the wall clocks of peers. */
  readonly wall: Pick<Clock, 'wallMs'>;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly resolver: Resolver;
  readonly caller: PeerCaller;
  readonly admission: (headers: RequestHeaders) => Admission;
  /** Every peer has been probed once, and one of them just now. */
  readonly probed: () => void;
}

/** The peers of this node, and what is known of their life: probes, failed calls, and what they send. */
export class ClusterManager {
  readonly #options: ClusterManagerOptions;
  readonly #roster: PeerRoster;
  readonly #names: PeerNames;
  readonly #learned: LearnedPeers;
  readonly #doubles: DoubleWatch;
  /** What peers send comes in here. */
  readonly contacts: PeerContacts;
  readonly #probing = new Map<Peer, Promise<void>>();
  #listed: readonly PeerAddress[] = [];
  #listener: PeerListener | undefined;
  readonly #cancels: Cancel[] = [];
  #firstRound = false;

  constructor(options: ClusterManagerOptions) {
    this.#options = options;
    const { config, clock, logger, resolver, identity, caller } = options;
    const intervalMs = config.cluster.healthCheckIntervalMs;
    const now = (): PeerMoment => momentOf(clock);
    this.#roster = new PeerRoster({
      logger,
      intervalMs,
      now,
      added: (peer) => this.#added(peer),
      removed: (peer) => this.#removed(peer),
    });
    this.#names = new PeerNames(resolver, logger);
    this.#doubles = new DoubleWatch(identity, logger);
    this.#learned = new LearnedPeers({
      enabled: config.cluster.enabled,
      roster: this.#roster,
      ownAddress: config.server.advertiseAddr,
      restMs: intervalMs,
      retentionMs: config.lease.orphanRetentionMs,
      now,
      probe: (target) => probe(caller, target, config.cluster.probeTimeoutMs),
      learned: (peer, result, askedMs) => this.#learn(peer, result, askedMs),
    });
    this.contacts = new PeerContacts({
      ...options,
      guarded: config.cluster.secret !== undefined,
      peers: () => this.peers,
      learned: this.#learned,
      probe: (peer) => this.probeNow(peer),
      leaves: (peer) => this.#leaves(peer),
    });
  }

  get peers(): readonly Peer[] {
    return this.#roster.peers;
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
    const resolved = this.configure(config.cluster.peers);
    const intervalMs = config.cluster.healthCheckIntervalMs;
    const starting = () => this.peers.filter((peer) => peer.starting);
    this.#cancels.push(
      scheduler.every(intervalMs, () => this.#round()),
      scheduler.every(intervalMs / startingRounds, () => void this.#probeAll(starting())),
    );
    logger.info(`Health check task started (interval: ${intervalMs / 1000}s)`);
    logger.info(`Cluster initialized with ${this.peers.length} peers`);
    void resolved.then(() => this.#probeAll()).then(() => this.#endFirstRound());
  }

  stop(): void {
    this.#cancels.forEach((cancel) => cancel());
    this.#listener = undefined;
  }

  /** Replaces the configured peers. Resolves when the names among them have been looked up; never rejects. */
  configure(peers: readonly string[]): Promise<void> {
    if (!this.#options.config.cluster.enabled) return Promise.resolve();
    this.#listed = peers.map((text) => parsePeer(text)).filter((peer) => peer !== undefined);
    this.#names.configure(this.#listed.filter(({ resolved }) => resolved));
    this.#update();
    return this.#lookUp();
  }

  /** Tells every peer that this node stops. Resolves when each has answered or the probe time-out is over; never rejects. */
  async leave(): Promise<void> {
    const { caller, config } = this.#options;
    caller.leaving = true;
    await Promise.all(this.peers.map((peer) => probe(caller, peer, config.cluster.probeTimeoutMs)));
  }

  /** Probes the peer unless a probe of it is under way. Resolves when that one has ended; never rejects. */
  probeNow(peer: Peer): Promise<void> {
    const running = this.#probing.get(peer);
    if (running !== undefined) return running;
    const { caller, config, clock } = this.#options;
    const askedMs = clock.monotonicMs();
    const started = probe(caller, peer, config.cluster.probeTimeoutMs).then((result) => {
      this.#probing.delete(peer);
      this.#learn(peer, result, askedMs);
    });
    this.#probing.set(peer, started);
    return started;
  }

  /** A call other than a probe failed: the peer is suspect, and is asked at once. */
  callFailed(peer: Peer, reason: string): void {
    this.#failed(peer, reason);
    void this.probeNow(peer);
  }

  /** Whether this node's own calls to that node arrive. An unknown node cannot be told anything. */
  canDeliverTo(nodeId: string): boolean {
    return this.peers.some((peer) => peer.identity?.node_id === nodeId && peer.reachable);
  }

  /**
   * How far the fastest wall clock of the cluster is ahead of this node's, ms; never negative. One that is further ahead
   * than two nodes may be is wrong, and nobody is to follow it: not even by way of a client that has seen it.
   */
  get fastestLeadMs(): number {
    const now = { monotonicMs: this.#options.clock.monotonicMs(), wallMs: this.#options.wall.wallMs() };
    const mostMs = this.#options.config.replication.maxClockDriftMs / 2;
    const leads = this.peers.map((peer) => peer.wallLeadMs(now) ?? 0);
    return Math.max(0, ...leads.filter((leadMs) => leadMs <= mostMs));
  }

  #round(): void {
    void this.#lookUp();
    this.#learned.sweep();
    void this.#probeAll();
  }

  async #probeAll(known = [...this.peers, ...this.#roster.aliases]): Promise<void> {
    await Promise.all(known.map((peer) => this.probeNow(peer)));
  }

  async #lookUp(): Promise<void> {
    if (!this.#listed.some(({ resolved }) => resolved)) return;
    await this.#names.refresh();
    if (this.#listener !== undefined) this.#update();
  }

  #update(): void {
    const fixed = this.#listed.filter(({ resolved }) => !resolved);
    const urls = new Set(fixed.map(({ url }) => url));
    const ofNames = this.#names.targets.filter(({ url }) => !urls.has(url));
    this.#roster.want([
      ...fixed.map((target) => ({ target, source: 'configured' as const })),
      ...ofNames.map((target) => ({ target, source: 'resolved' as const })),
    ]);
  }

  #endFirstRound(): void {
    this.#firstRound = true;
    this.#options.probed();
  }

  #added(peer: Peer): void {
    this.#listener?.added(peer);
    // One that was learned or is put back was asked just now.
    if (peer.source !== 'learned' && peer.identity === undefined) void this.probeNow(peer);
  }

  #removed(peer: Peer): void {
    this.#options.caller.forget(peer.address);
    this.#listener?.removed(peer);
  }

  #learn(peer: Peer, result: ProbeResult, askedMs: number): void {
    if (this.#listener === undefined || !this.#roster.holds(peer)) return;
    const before = { state: peer.state, runId: peer.identity?.run_id };
    if (result.kind === 'failed') this.#failed(peer, result.reason);
    else if (result.kind === 'foreign') peer.answered(this.#now());
    else if (!this.#identified(peer, result.status, askedMs)) return;
    this.#review();
    if (this.#firstRound) this.#options.probed();
    if (result.kind !== 'failed' && peer.state === 'alive') this.#alive(peer, before);
  }

  /** Answers whether it is a peer of its own. */
  #identified(peer: Peer, status: NodeStatus, askedMs: number): boolean {
    if (this.#options.identity.isOwnRun(status.run_id)) {
      this.#roster.isSelf(peer);
      return false;
    }
    const before = peer.state;
    peer.identified(status, this.#now(), askedMs);
    if (!this.#roster.settle(peer)) return false;
    this.#learned.supersede(peer);
    if (peer.state === 'leaving' && before !== 'leaving') this.#sayLeaving(peer);
    return true;
  }

  #alive(peer: Peer, before: { readonly state: PeerState; readonly runId: string | undefined }): void {
    const recovered = before.state !== 'alive';
    if (recovered)
      this.#options.logger.info(`Peer ${peer.address} is alive`, { node: peer.identity?.node_id });
    if (peer.double === 'of-this-node') return;
    this.#listener?.alive(peer, { recovered, newRun: peer.identity?.run_id !== before.runId });
  }

  /** Looks for nodes with one id. With a second node of this node's id nothing is exchanged. */
  #review(): void {
    const { peers } = this;
    const shunned = new Set(peers.filter(({ double }) => double === 'of-this-node'));
    const unsure = this.#doubles.review(peers, this.#options.clock.monotonicMs());
    for (const peer of peers) {
      const shun = peer.double === 'of-this-node';
      if (shun && !shunned.has(peer)) this.#listener?.removed(peer);
      if (!shun && shunned.has(peer)) this.#listener?.added(peer);
    }
    for (const peer of unsure) void this.probeNow(peer);
  }

  #leaves(peer: Peer): void {
    const before = peer.state;
    peer.leaves(this.#now());
    if (before !== 'leaving') this.#sayLeaving(peer);
    this.#review();
  }

  #sayLeaving(peer: Peer): void {
    this.#options.logger.info(`Peer ${peer.address} is leaving`, { node: peer.identity?.node_id });
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

  #now(): PeerMoment {
    return momentOf(this.#options.clock);
  }
}
