import type { Runtime } from '@artemis/core';
import { HybridClock } from '@artemis/core';
import type { ArtemisConfig } from '@artemis/core/config';
import { runIdLength } from './cluster/new-run.js';
import type { Peer } from './cluster/peer.js';
import { SteadyWallClock } from './cluster/wall-clock.js';
import { DiscoveryService } from './discovery/service.js';
import { LoopLagGauge } from './health.js';
import { Identity } from './identity.js';
import { askAges } from './lease/ages.js';
import type { LeaseManager } from './lease/manager.js';
import type { Leases } from './leases.js';
import { createLeases } from './leases.js';
import { TokenBucketLimiter } from './limit/rate-limiter.js';
import { NodeMetrics } from './metrics.js';
import type { Peers } from './peers.js';
import { createPeers } from './peers.js';
import { ChangeLog } from './registry/change-log.js';
import { RegistryRepository } from './registry/repository.js';
import { TombstoneSweeper } from './registry/tombstones.js';
import { TableDigest } from './replication/digest.js';
import { NodeSelf } from './self.js';
import { GroupCommit } from './storage/group-commit.js';
import { NotesKeeper } from './storage/notes-keeper.js';

/** Everything that a node is made of, each part given what it needs of the others. */
export class NodeParts {
  readonly config: ArtemisConfig;
  readonly runtime: Runtime;
  readonly identity: Identity;
  readonly wall: SteadyWallClock;
  readonly clock: HybridClock;
  readonly changes: ChangeLog;
  readonly repository: RegistryRepository;
  readonly digest: TableDigest;
  readonly leases: LeaseManager;
  /** What is done about leases that nobody renews. */
  readonly leasing: Leases;
  readonly tombstones: TombstoneSweeper;
  readonly discovery: DiscoveryService;
  readonly metrics: NodeMetrics;
  readonly loopLag: LoopLagGauge;
  readonly limiter: TokenBucketLimiter;
  readonly notes: NotesKeeper;
  readonly commit: GroupCommit;
  readonly peers: Peers;
  readonly self: NodeSelf;

  constructor(config: ArtemisConfig, runtime: Runtime) {
    const { clock, scheduler, random, logger, store } = runtime;
    this.config = config;
    this.runtime = runtime;
    this.identity = new Identity(config.server.nodeId, random.id(runIdLength));
    this.wall = new SteadyWallClock(clock, logger, () => this.metrics.clockJump());
    this.clock = new HybridClock(() => this.wall.wallMs(), config.replication.maxClockDriftMs);
    this.changes = new ChangeLog(() => this.identity.origin);
    this.repository = new RegistryRepository(clock, this.changes);
    this.digest = new TableDigest(this.repository.slots);
    this.leasing = this.#createLeases();
    this.leases = this.leasing.manager;
    this.tombstones = new TombstoneSweeper({
      clock,
      scheduler,
      repository: this.repository,
      retentionMs: config.replication.tombstoneRetentionMs,
      sweepIntervalMs: config.lease.cleanupIntervalMs,
      forgotten: (key) => this.commit.forget(key),
    });
    this.discovery = new DiscoveryService({
      clock,
      random,
      repository: this.repository,
      log: this.changes,
      cache: config.cache,
      joining: () => this.self.joining(),
      ended: (serviceId) => this.leasing.expiry.ended(serviceId),
    });
    this.limiter = new TokenBucketLimiter(config.ratelimit, clock);
    this.loopLag = new LoopLagGauge(clock, scheduler);
    this.metrics = this.#createMetrics();
    this.notes = new NotesKeeper({
      clock,
      contacts: () => contactsOf(this.peers.cluster.peers),
      holdsBack: () => this.leasing.heldBack.size > 0,
    });
    this.commit = new GroupCommit({
      store,
      scheduler,
      logger,
      notes: () => this.notes.current(),
      failed: () => this.metrics.storeFailed(),
      held: () => this.peers.bootstrap.joining,
    });
    this.peers = this.#createPeers();
    this.self = this.#createSelf();
  }

  #createLeases(): Leases {
    return createLeases({
      config: this.config,
      runtime: this.runtime,
      nodeId: this.identity.nodeId,
      repository: this.repository,
      excluded: (key) => this.digest.exclude(key),
      included: (key) => this.digest.include(key),
      dropped: (key) => this.commit.forget(key),
      peers: () => this.peers.cluster.peers,
      ask: (peer, keys) => askAges(this.peers, peer, keys),
      metrics: () => this.metrics.leases,
      // By a wrong clock the renewals of peers are refused: who hears nothing must not judge.
      joining: () => this.peers.bootstrap.joining || this.peers.clockGate.reason !== undefined,
    });
  }

  #createMetrics(): NodeMetrics {
    return new NodeMetrics({
      liveRecords: () => this.repository.liveCount,
      tombstones: () => this.repository.tombstoneCount,
      services: () => this.repository.serviceCount,
      leases: {
        watched: () => this.leases.size,
        unconfirmed: () => this.repository.doubted('unconfirmed'),
        hidden: () => this.repository.doubted('hidden'),
        heldBack: () => this.leasing.heldBack.size,
        lapsed: () => this.leasing.expiry.lapsed(),
        preserved: () => this.leasing.preservation.active,
      },
      revision: () => this.changes.revision,
      synced: () => !this.peers.bootstrap.joining,
      gates: () => this.self.readiness().gates,
      peers: () => this.peers.view.peers(),
      loopLagMs: () => this.loopLag.lagMs,
      clock: () => this.peers.clockGate,
    });
  }

  #createPeers(): Peers {
    return createPeers({
      config: this.config,
      runtime: this.runtime,
      identity: this.identity,
      wall: this.wall,
      hybridClock: this.clock,
      changes: this.changes,
      repository: this.repository,
      digest: this.digest,
      leases: this.leases,
      metrics: this.metrics,
      self: () => this.self.status(),
      runBegun: () => this.discovery.sweep(Infinity),
      joined: () => this.commit.resume(),
    });
  }

  #createSelf(): NodeSelf {
    return new NodeSelf({
      config: this.config,
      identity: this.identity,
      time: this.runtime.clock,
      wall: this.wall,
      clock: this.clock,
      changes: this.changes,
      digest: this.digest,
      cluster: this.peers.cluster,
      clockGate: this.peers.clockGate,
      bootstrap: this.peers.bootstrap,
      commit: this.commit,
      loopLag: this.loopLag,
      catchingUp: () => this.leasing.time.catchingUp,
    });
  }
}

/** When each peer was last heard, by node id. */
function contactsOf(peers: readonly Peer[]): Record<string, number> {
  const heard = peers.flatMap(({ identity, lastHeardWallMs }): [string, number][] =>
    identity === undefined || lastHeardWallMs === undefined ? [] : [[identity.node_id, lastHeardWallMs]],
  );
  return Object.fromEntries(heard);
}
