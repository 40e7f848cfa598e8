import type { ChangeFeed, HybridClock, NodeStatus, Runtime } from '@artemis/core';
import { apiRoutes } from '@artemis/core';
import type { ArtemisConfig } from '@artemis/core/config';
import { PeerCaller } from './cluster/caller.js';
import { ClockGate } from './cluster/clock-gate.js';
import { ClusterManager } from './cluster/manager.js';
import type { Peer } from './cluster/peer.js';
import { NewRun } from './cluster/new-run.js';
import { ClusterView } from './cluster/view.js';
import type { SteadyWallClock } from './cluster/wall-clock.js';
import type { Identity } from './identity.js';
import type { LeaseManager } from './lease/manager.js';
import type { NodeMetrics } from './metrics.js';
import type { RegistryRepository } from './registry/repository.js';
import { admissionBy } from './replication/admission.js';
import { AntiEntropy } from './replication/anti-entropy.js';
import { Bootstrap } from './replication/bootstrap.js';
import type { TableDigest } from './replication/digest.js';
import { RecordIntake } from './replication/intake.js';
import { ReplicationManager } from './replication/manager.js';
import { PeerQueries } from './replication/peer-queries.js';
import { TablePull } from './replication/table-pull.js';
import { TurnLog } from './turn-log.js';

interface PeersOptions {
  readonly config: ArtemisConfig;
  readonly runtime: Runtime;
  readonly identity: Identity;
  readonly wall: SteadyWallClock;
  readonly hybridClock: HybridClock;
  readonly changes: ChangeFeed;
  readonly repository: RegistryRepository;
  readonly digest: TableDigest;
  readonly leases: LeaseManager;
  readonly metrics: NodeMetrics;
  readonly self: () => NodeStatus;
  /** Changes count under another log id from here on. */
  readonly runBegun: () => void;
  /** This node has caught up with its peers. */
  readonly joined: () => void;
}

/** Everything between a node and its peers: who they are, what goes out to them, and what comes in. */
export interface Peers {
  readonly caller: PeerCaller;
  readonly cluster: ClusterManager;
  readonly clockGate: ClockGate;
  readonly view: ClusterView;
  readonly intake: RecordIntake;
  readonly replication: ReplicationManager;
  readonly antiEntropy: AntiEntropy;
  readonly bootstrap: Bootstrap;
}

export function createPeers(options: PeersOptions): Peers {
  const { config, runtime, identity, repository, leases, metrics, self } = options;
  const { clock, scheduler, random, logger } = runtime;
  const caller = createCaller(options);
  const cluster: ClusterManager = new ClusterManager({
    ...runtime,
    config,
    identity,
    wall: options.wall,
    caller,
    admission: admissionBy(config.cluster.secret),
    probed: () => clockGate.review(),
  });
  const clockGate = createClockGate(options, caller, () => cluster.peers);
  const intake = createIntake(options);
  const queries = new PeerQueries({ caller, timeoutMs: config.replication.timeoutMs });
  const antiEntropy: AntiEntropy = new AntiEntropy({
    ...options,
    ...runtime,
    ownNodeId: identity.nodeId,
    cluster,
    queries,
    intake,
    give: (peer, keys) => replication.give(peer, keys),
    joining: () => bootstrap.joining,
  });
  const replication = new ReplicationManager({
    config,
    clock,
    scheduler,
    random,
    logger,
    metrics,
    cluster,
    caller,
    repository,
    leases,
    intake,
    antiEntropy,
  });
  const bootstrap = createBootstrap(options, { cluster, caller, antiEntropy }, queries, intake);
  const view = new ClusterView({ self, cluster, replication });
  return { caller, cluster, clockGate, intake, replication, antiEntropy, bootstrap, view };
}

function createBootstrap(
  { config, runtime, digest, joined }: PeersOptions,
  { cluster, caller, antiEntropy }: Pick<Peers, 'cluster' | 'caller' | 'antiEntropy'>,
  queries: PeerQueries,
  intake: RecordIntake,
): Bootstrap {
  const timeoutMs = config.cluster.probeTimeoutMs;
  return new Bootstrap({
    ...runtime,
    config,
    cluster,
    digest,
    pull: new TablePull({ queries, intake, scheduler: runtime.scheduler }),
    compare: (peer) => antiEntropy.compareNow(peer),
    knock: (peer) => caller.call(peer, { method: 'GET', path: apiRoutes.health.path, timeoutMs }),
    synced() {
      antiEntropy.resume();
      joined();
    },
  });
}

function createCaller({ config, runtime, identity, hybridClock, metrics }: PeersOptions): PeerCaller {
  return new PeerCaller({
    identity,
    advertiseAddr: config.server.advertiseAddr,
    secret: config.cluster.secret,
    clock: hybridClock,
    transport: runtime.transport,
    clockRefused: (peer, _stamp, first) => {
      metrics.clockRefused('peer');
      if (first)
        runtime.logger.warn(`The clock of ${peer} is too far ahead of this node's and is not followed`);
    },
  });
}

function createClockGate(
  { config, runtime, wall, hybridClock, runBegun, ...parts }: PeersOptions,
  caller: PeerCaller,
  peers: () => readonly Peer[],
): ClockGate {
  const newRun = new NewRun({ ...runtime, ...parts, wall, clock: hybridClock, caller, begun: runBegun });
  return new ClockGate({
    clock: runtime.clock,
    wall,
    logger: runtime.logger,
    maxDriftMs: config.replication.maxClockDriftMs,
    peers,
    right(again) {
      if (again) newRun.begin();
      newRun.stampAnew();
    },
  });
}

function createIntake({
  identity,
  wall,
  hybridClock,
  repository,
  leases,
  metrics,
  runtime,
}: PeersOptions): RecordIntake {
  // Ten thousand records of one request are one line.
  const refused = new TurnLog<string>(runtime.scheduler, (sender, records) => {
    runtime.logger.warn(`${records} of ${sender} stamped too far ahead of this node's clock, refused`);
  });
  return new RecordIntake({
    nodeId: identity.nodeId,
    wallClock: wall,
    clock: hybridClock,
    repository,
    leases,
    delayed: (seconds) => metrics.replicationDelay(seconds),
    stampRefused: (sender) => {
      metrics.clockRefused('record');
      refused.note(sender, 'A record');
    },
  });
}
