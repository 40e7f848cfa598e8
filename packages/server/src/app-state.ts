import type { AppState, ConfigResponse } from '@artemis/core';
import { ArtemisError } from '@artemis/core';
import { RepositorySnapshots } from './discovery/snapshots.js';
import { InstanceExplainer } from './explain.js';
import { LeaseView } from './lease/inspector.js';
import type { NodeParts } from './node-parts.js';
import { RegistryService } from './registry/service.js';
import { ExchangeServer } from './replication/exchange-server.js';
import { ReplicationReceiver } from './replication/receiver.js';
import { heldUp } from './self.js';

/**
 * A node as the HTTP layer sees it.
 *
 * @param describe for `/api/status/config.json`
 */
export function appStateOf(parts: NodeParts, describe: () => ConfigResponse): AppState {
  const { config, runtime, repository } = parts;
  const { clock, scheduler, random, logger } = runtime;
  const registry = registryOf(parts);
  const leases = new LeaseView(repository, parts.leasing);
  return {
    registry,
    discovery: parts.discovery,
    snapshots: new RepositorySnapshots(repository),
    changes: parts.changes,
    cluster: parts.peers.view,
    peers: receiverOf(parts, registry),
    leases,
    explainer: new InstanceExplainer(parts, leases),
    clock: parts.self,
    health: parts.self,
    limiter: parts.limiter,
    metrics: parts.metrics,
    config: { describe },
    http: {
      nodeId: config.server.nodeId,
      maxBodyBytes: config.server.maxBodyBytes,
      allowedOrigins: config.server.allowedOrigins,
      trustProxy: config.server.trustProxy,
    },
    push: config.push,
    pushMetrics: parts.metrics.push,
    time: clock,
    scheduler,
    random,
    logger,
  };
}

function registryOf(parts: NodeParts): RegistryService {
  const { config, identity, clock, repository, leases, peers } = parts;
  return new RegistryService({
    scheduler: parts.runtime.scheduler,
    identity,
    clock,
    repository,
    leases,
    defaultTtlMs: config.lease.ttlMs,
    maxTtlMs: config.lease.orphanRetentionMs,
    refusal: () => parts.self.refusal(),
    committed: () => parts.commit.committed(),
    canDeliverTo: (nodeId) => config.replication.enabled && peers.cluster.canDeliverTo(nodeId),
    renewed: (key) => peers.replication.renewed(key),
    counted: (renewed, unknown) => parts.metrics.heartbeats(renewed, unknown),
  });
}

function receiverOf(parts: NodeParts, registry: RegistryService): ReplicationReceiver {
  const { runtime, repository, digest, leases, peers, metrics } = parts;
  const { clock, scheduler } = runtime;
  return new ReplicationReceiver({
    clock,
    scheduler,
    admission(headers) {
      if (parts.leasing.time.catchingUp) throw new ArtemisError('unavailable', heldUp, { retryAfterSecs: 1 });
      return peers.cluster.contacts.admit(headers);
    },
    intake: peers.intake,
    repository,
    leases,
    registry,
    exchange: new ExchangeServer({ repository, leases, digest }),
    keptBack: (key) => digest.excludes(key),
    logger: runtime.logger,
    heard(headers) {
      peers.cluster.contacts.heard(headers);
      peers.bootstrap.contacted(headers);
    },
    asked: (nodeId) => peers.antiEntropy.asked(nodeId),
    received: (kind, items) => metrics.replicationReceived(kind, items),
  });
}
