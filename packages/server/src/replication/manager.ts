import type { Cancel, Change, Clock, Logger, Random, Scheduler } from '@artemis/core';
import { namesOf } from '@artemis/core';
import type { ArtemisConfig } from '@artemis/core/config';
import type { PeerCaller } from '../cluster/caller.js';
import type { ClusterManager, PeerListener } from '../cluster/manager.js';
import type { Peer } from '../cluster/peer.js';
import type { LeaseManager } from '../lease/manager.js';
import type { NodeMetrics } from '../metrics.js';
import type { RegistryRepository } from '../registry/repository.js';
import { TurnLog } from '../turn-log.js';
import type { AntiEntropy, RepairState } from './anti-entropy.js';
import { bodyBytes } from './body-size.js';
import type { RequestKind } from './batches.js';
import { Batches } from './batches.js';
import type { PeerVerdict } from './delivery.js';
import { Delivery } from './delivery.js';
import type { Outcome } from './error.js';
import type { OutboxItem, OutboxKind } from './outbox.js';
import type { RecordIntake } from './intake.js';
import { ReplicationWorker } from './worker.js';

interface ReplicationManagerOptions {
  readonly config: ArtemisConfig;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: NodeMetrics;
  readonly cluster: ClusterManager;
  readonly caller: PeerCaller;
  readonly repository: RegistryRepository;
  readonly leases: LeaseManager;
  readonly intake: RecordIntake;
  readonly antiEntropy: AntiEntropy;
}

/** Local changes out to every peer, each by a worker of its own; what they do not bring, anti-entropy does. */
export class ReplicationManager implements PeerListener {
  readonly #options: ReplicationManagerOptions;
  readonly #workers = new Map<Peer, ReplicationWorker>();
  readonly #batches: Batches;
  readonly #announced: TurnLog<RequestKind>;

  constructor(options: ReplicationManagerOptions) {
    this.#options = options;
    const { scheduler, repository, leases, config } = options;
    this.#batches = new Batches({ scheduler, repository, leases, maxBytes: bodyBytes(config) });
    this.#announced = new TurnLog(scheduler, (kind, subject) => {
      options.logger.info(`Replicating ${kind} for ${subject} to ${this.#workers.size} peers`);
    });
  }

  start(): void {
    const { config, cluster, logger } = this.#options;
    if (!config.cluster.enabled || !config.replication.enabled) return;
    for (const peer of cluster.peers) this.added(peer);
    logger.info('Replication worker started', { peers: this.#workers.size });
  }

  worker(peer: Peer): ReplicationWorker | undefined {
    return this.#workers.get(peer);
  }

  repairOf(peer: Peer): RepairState {
    return this.#options.antiEntropy.stateOf(peer);
  }

  /** Sends a peer these records besides what changes; answers whether it took all of them. */
  async give(peer: Peer, keys: readonly string[]): Promise<boolean> {
    return (await this.#workers.get(peer)?.give(keys)) ?? false;
  }

  /** Listener of the change log. What a peer sent is not passed on. */
  onChange(change: Change): void {
    if (this.#workers.size === 0) return;
    const { origin, reason, record } = change;
    if (origin === 'peer') this.#supersede(change);
    if (origin !== 'local') return;
    // A change of owner has the content that peers hold already: it travels in the version of a renewal.
    this.#putAll(record.key, reason === 'moved' ? 'renewal' : 'record');
    if (reason === 'moved') return;
    this.#announced.note(record.state === 'alive' ? 'register' : 'unregister', namesOf(record).instance_id);
  }

  /** A client renewed the lease at this node. */
  renewed(key: string): void {
    this.#putAll(key, 'renewal');
  }

  added(peer: Peer): void {
    const { cluster, replication } = this.#options.config;
    if (!cluster.enabled || !replication.enabled || this.#workers.has(peer)) return;
    this.#workers.set(peer, this.#workerFor(peer));
    this.#options.antiEntropy.added(peer);
  }

  alive(peer: Peer, news: { readonly recovered: boolean; readonly newRun: boolean }): void {
    const worker = this.#workers.get(peer);
    if (news.newRun && peer.identity?.synced === false) worker?.forgetOld();
    worker?.wake(news);
    this.#options.antiEntropy.alive(peer, news);
  }

  removed(peer: Peer): void {
    this.#workers.get(peer)?.stop();
    this.#workers.delete(peer);
    this.#options.antiEntropy.removed(peer);
  }

  /** Sends what waits, for at most `deadlineMs`. */
  async drain(deadlineMs: number): Promise<void> {
    const { scheduler, logger } = this.#options;
    const workers = [...this.#workers.values()];
    let cancel: Cancel | undefined;
    const deadline = new Promise<void>((resolve) => {
      cancel = scheduler.after(deadlineMs, resolve);
    });
    await Promise.race([Promise.all(workers.map((worker) => worker.drain())), deadline]);
    cancel?.();
    for (const { peer, depth } of workers) {
      if (depth > 0) logger.warn(`${depth} changes did not reach ${peer.address} before this node stopped`);
    }
  }

  stop(): void {
    this.#announced.stop();
    this.#options.antiEntropy.stop();
    for (const worker of this.#workers.values()) worker.stop();
  }

  /**
   * A record that came with the youngest age makes a renewal needless that still waits. It would carry the version of
   * that record to peers which its sender has not told yet, and they would ask for it here.
   */
  #supersede({ record, ageMs }: Change): void {
    if (record.state === 'alive' && this.#options.leases.ageMs(record.key) < ageMs) return;
    for (const worker of this.#workers.values()) worker.dropRenewal(record.key);
  }

  #putAll(key: string, kind: OutboxKind): void {
    if (this.#workers.size === 0) return;
    const item = this.#itemOf(key);
    for (const worker of this.#workers.values()) worker.put(item, kind);
  }

  #itemOf(key: string): OutboxItem {
    const { clock, repository } = this.#options;
    return { key, sinceMs: clock.monotonicMs(), slot: repository.slots.slotOf(key) };
  }

  #workerFor(peer: Peer): ReplicationWorker {
    const { config, clock, scheduler, random, logger, metrics, cluster, repository } = this.#options;
    const delivery = new Delivery({
      peer,
      caller: this.#options.caller,
      repository,
      batches: this.#batches,
      timeoutMs: config.replication.timeoutMs,
      done: (kind, items, outcome) => this.#done(peer, kind, items, outcome),
      verdict: (verdict) => this.#learn(peer, verdict),
    });
    return new ReplicationWorker({
      peer,
      clock,
      scheduler,
      random,
      logger,
      outboxLimit: config.replication.outboxLimit,
      batchSize: config.replication.batchSize,
      batchIntervalMs: config.replication.batchIntervalMs,
      maxRetries: config.replication.maxRetries,
      retryGivenUpMs: config.cluster.healthCheckIntervalMs,
      send: (kind, items) => delivery.send(kind, items),
      gaveUp: () => void cluster.probeNow(peer),
      missed: (_peer, why) => {
        if (why === 'overflow') metrics.outboxOverflow(peer.address);
        this.#options.antiEntropy.missed(peer, why);
      },
    });
  }

  #done(peer: Peer, kind: RequestKind, items: number, outcome: Outcome): void {
    const { metrics, logger, cluster } = this.#options;
    if (outcome.kind === 'delivered') {
      metrics.replication('sent', peer.address, kind, items);
      const line = `Successfully replicated ${kind} to ${peer.address}`;
      if (kind === 'heartbeat') logger.debug(line, { items });
      else logger.info(line, { items });
      return;
    }
    metrics.replication('failed', peer.address, kind, items);
    metrics.replication(outcome.kind === 'retry' ? 'retried' : 'rejected', peer.address, kind, items);
    logger.debug(`Replication of ${kind} to ${peer.address} failed`, { reason: outcome.reason, items });
    if (outcome.kind === 'retry' && outcome.unanswered) cluster.callFailed(peer, outcome.reason);
  }

  /** What a peer lacks is sent to it; what it holds in a newer version is taken over here. */
  #learn(peer: Peer, { lacking, newer, refused }: PeerVerdict): void {
    const worker = this.#workers.get(peer);
    for (const key of lacking) {
      if (this.#options.repository.get(key) !== undefined) worker?.put(this.#itemOf(key), 'record');
    }
    for (const aged of newer) this.#options.intake.accept(aged, peer.address, true);
    const [first] = refused;
    if (first !== undefined) {
      this.#options.logger.warn(
        `Peer ${peer.address} refused ${refused.length} records, the first: ${first}`,
      );
    }
  }
}
