import type { AppState, Cancel, Change, ChangeFeed, ConfigResponse, Runtime } from '@artemis/core';
import { expiryOf, HybridClock } from '@artemis/core';
import type { ArtemisConfig } from '@artemis/core/config';
import { describeConfig, loadConfig } from '@artemis/core/config';
import { SteadyWallClock } from './cluster/wall-clock.js';
import { DiscoveryService } from './discovery/service.js';
import { LoopLagGauge } from './health.js';
import type { Identity } from './identity.js';
import { identityOf } from './identity.js';
import { LeaseView } from './lease/inspector.js';
import { LeaseManager } from './lease/manager.js';
import { TokenBucketLimiter } from './limit/rate-limiter.js';
import { NodeMetrics } from './metrics.js';
import type { Peers } from './peers.js';
import { createPeers } from './peers.js';
import { ChangeLog } from './registry/change-log.js';
import { RegistryRepository } from './registry/repository.js';
import { RegistryService } from './registry/service.js';
import { TombstoneSweeper } from './registry/tombstones.js';
import { admissionBy } from './replication/admission.js';
import { ReplicationReceiver } from './replication/receiver.js';
import { silentLogger, systemRuntime } from './runtime.js';
import { NodeSelf } from './self.js';
import { GroupCommit } from './storage/group-commit.js';
import { TurnLog } from './turn-log.js';

const runIdLength = 10;
const longestSweepMs = 60_000;

export interface NodeOptions {
  /** For `/api/status/config.json`; default: the configuration given, as set by the program. */
  readonly describeConfig?: () => ConfigResponse;
  /** Whether the metrics of the process are collected too; for a node that has a process to itself. Default false. */
  readonly processMetrics?: boolean;
}

/** One node of a cluster. `@artemis/web` serves its `state`. */
export interface ArtemisNode {
  readonly state: AppState;
  readonly changes: ChangeFeed;
  /** Loads the store and begins to watch leases and peers. Rejects when the store cannot be read. */
  start(): Promise<void>;
  /** Refuses writes from now on and sends what waits for peers, for at most `server.drainTimeoutMs`. */
  drain(): Promise<void>;
  /** Ends everything that runs. Nothing can be started again. */
  stop(): Promise<void>;
}

/**
 * Builds a node and wires it.
 *
 * @param runtime time, chance, peers, disk and log; default: the real ones, without a log
 */
export function createNode(
  config: ArtemisConfig,
  runtime: Runtime = systemRuntime(config, silentLogger),
  options: NodeOptions = {},
): ArtemisNode {
  return new Node(config, runtime, options);
}

class Node implements ArtemisNode {
  readonly state: AppState;
  readonly changes: ChangeLog;
  readonly #config: ArtemisConfig;
  readonly #runtime: Runtime;
  readonly #identity: Identity;
  readonly #wall: SteadyWallClock;
  readonly #clock: HybridClock;
  readonly #repository: RegistryRepository;
  readonly #leases: LeaseManager;
  readonly #tombstones: TombstoneSweeper;
  readonly #discovery: DiscoveryService;
  readonly #metrics: NodeMetrics;
  readonly #loopLag: LoopLagGauge;
  readonly #commit: GroupCommit;
  readonly #peers: Peers;
  readonly #self: NodeSelf;
  readonly #registrations: TurnLog<string>;
  #sweeping: Cancel | undefined;

  constructor(config: ArtemisConfig, runtime: Runtime, options: NodeOptions) {
    const { clock, scheduler, random, logger, store } = runtime;
    this.#config = config;
    this.#runtime = runtime;
    this.#identity = identityOf(config.server.nodeId, random.id(runIdLength));
    this.#wall = new SteadyWallClock(clock, logger, () => this.#metrics.clockJump());
    this.#clock = new HybridClock(() => this.#wall.wallMs(), config.replication.maxClockDriftMs);
    this.changes = new ChangeLog(this.#identity.origin);
    this.#repository = new RegistryRepository(clock, this.changes);
    this.#leases = new LeaseManager({ clock, scheduler, lapsed: (key) => this.#lapsed(key) });
    this.#tombstones = new TombstoneSweeper({
      clock,
      scheduler,
      repository: this.#repository,
      retentionMs: config.replication.tombstoneRetentionMs,
      sweepIntervalMs: config.lease.cleanupIntervalMs,
    });
    this.#discovery = new DiscoveryService({
      clock,
      random,
      repository: this.#repository,
      log: this.changes,
      cache: config.cache,
    });
    this.#loopLag = new LoopLagGauge(clock, scheduler);
    this.#metrics = this.#createMetrics(options);
    this.#commit = new GroupCommit({ store, scheduler, logger, failed: () => this.#metrics.storeFailed() });
    this.#peers = createPeers({
      config,
      runtime,
      identity: this.#identity,
      wall: this.#wall,
      hybridClock: this.#clock,
      repository: this.#repository,
      leases: this.#leases,
      metrics: this.#metrics,
      self: () => this.#self.status(),
    });
    this.#self = new NodeSelf({
      config,
      identity: this.#identity,
      time: clock,
      wall: this.#wall,
      clock: this.#clock,
      changes: this.changes,
      repository: this.#repository,
      cluster: this.#peers.cluster,
      commit: this.#commit,
      loopLag: this.#loopLag,
    });
    this.#registrations = new TurnLog(scheduler, (reason, subject) => logger.info(`${subject} ${reason}`));
    this.#listen();
    this.state = this.#createState(options);
  }

  async start(): Promise<void> {
    const { store, scheduler } = this.#runtime;
    for (const record of await store.load()) {
      this.#clock.observe(record.version.stamp);
      this.#repository.apply(record, { origin: 'recovery' });
    }
    this.#leases.start();
    this.#tombstones.start();
    this.#loopLag.start();
    this.#sweeping = scheduler.every(Math.min(longestSweepMs, this.#config.cache.expiryMs), () =>
      this.#discovery.sweep(this.#runtime.clock.monotonicMs()),
    );
    this.#peers.replication.start();
    this.#peers.cluster.start(this.#peers.replication);
    this.#self.phase = 'up';
  }

  async drain(): Promise<void> {
    this.#self.phase = 'draining';
    await this.#peers.replication.drain(this.#config.server.drainTimeoutMs);
  }

  async stop(): Promise<void> {
    this.#self.phase = 'draining';
    this.#peers.cluster.stop();
    this.#peers.replication.stop();
    this.#leases.stop();
    this.#tombstones.stop();
    this.#loopLag.stop();
    this.#sweeping?.();
    this.#registrations.stop();
    await this.#commit.close();
    await this.#runtime.store.close();
    this.#runtime.transport.close();
  }

  /** The listeners of the change log, in the order in which they see a change. */
  #listen(): void {
    const listeners = [
      (change: Change) => this.#leases.onChange(change),
      (change: Change) => this.#discovery.onChange(change),
      (change: Change) => this.#tombstones.onChange(change),
      (change: Change) => this.#peers.replication.onChange(change),
      (change: Change) => this.#commit.onChange(change),
      (change: Change) => this.#metrics.onChange(change),
      (change: Change) => this.#logChange(change),
    ];
    for (const listener of listeners) this.changes.subscribe(listener);
  }

  /** Only the owner expires. */
  #lapsed(key: string): void {
    const record = this.#repository.get(key);
    if (record?.state !== 'alive' || record.version.owner !== this.#identity.nodeId) return;
    this.#repository.apply(expiryOf(record), { origin: 'local' });
  }

  /** What peers did is logged by the request that brought it. */
  #logChange({ origin, reason, record }: Change): void {
    if (origin !== 'local') return;
    const { service_id: service, instance_id: instance } = record.instanceKey;
    this.#registrations.note(reason, `${service}/${instance}`);
  }

  #createMetrics({ processMetrics = false }: NodeOptions): NodeMetrics {
    const metrics = new NodeMetrics({
      liveRecords: () => this.#repository.liveCount,
      tombstones: () => this.#repository.tombstoneCount,
      services: () => this.#repository.serviceCount,
      leases: () => this.#leases.size,
      revision: () => this.changes.revision,
      peers: () => this.#peers.view.peers(),
      loopLagMs: () => this.#loopLag.lagMs,
    });
    if (processMetrics) metrics.collectProcessMetrics();
    return metrics;
  }

  #createRegistry(): RegistryService {
    const { replication, lease } = this.#config;
    return new RegistryService({
      identity: this.#identity,
      clock: this.#clock,
      repository: this.#repository,
      leases: this.#leases,
      defaultTtlMs: lease.ttlMs,
      refusal: () => this.#self.refusal(),
      committed: () => this.#commit.committed(),
      canDeliverTo: (nodeId) => replication.enabled && this.#peers.cluster.canDeliverTo(nodeId),
      renewed: (key) => this.#peers.replication.renewed(key),
      counted: (renewed, unknown) => this.#metrics.heartbeats(renewed, unknown),
    });
  }

  #createState(options: NodeOptions): AppState {
    const { server, ratelimit, cluster } = this.#config;
    const { clock, random, logger } = this.#runtime;
    const registry = this.#createRegistry();
    const receiver = new ReplicationReceiver({
      admission: admissionBy(cluster.secret),
      intake: this.#peers.intake,
      repository: this.#repository,
      leases: this.#leases,
      registry,
      logger,
      heard: (headers) => this.#peers.cluster.heard(headers),
      received: (kind, items) => this.#metrics.replicationReceived(kind, items),
    });
    const embedded = (): ConfigResponse => ({
      config: describeConfig(loadConfig({ overrides: this.#config, hostName: 'localhost' })),
    });
    return {
      registry,
      discovery: this.#discovery,
      cluster: this.#peers.view,
      peers: receiver,
      leases: new LeaseView(clock, this.#repository, this.#leases),
      clock: this.#self,
      health: this.#self,
      limiter: new TokenBucketLimiter(ratelimit, clock),
      metrics: this.#metrics,
      config: { describe: options.describeConfig ?? embedded },
      http: {
        nodeId: server.nodeId,
        maxBodyBytes: server.maxBodyBytes,
        allowedOrigins: server.allowedOrigins,
        trustProxy: server.trustProxy,
      },
      time: clock,
      random,
      logger,
    };
  }
}
