/** What must hold between the values of different keys, and why. */
import { parsePeer } from './address.js';
import type { ArtemisConfig } from './schema.js';

interface Relation {
  /** Paths of the keys that take part, the one to blame first. */
  readonly keys: readonly [string, ...string[]];
  /** What is broken and what is expected; `undefined` when it holds. */
  broken(config: ArtemisConfig): string | undefined;
}

/**
 * Clients send three heartbeats within a lease, so that two may be lost. A heartbeat accepted by a node that is not the
 * owner waits there for the batch interval: a wait as long as the time between two heartbeats would eat up the spare.
 */
const batchWithinLease: Relation = {
  keys: ['replication.batch_interval_ms', 'lease.ttl_secs'],
  broken({ replication, lease }) {
    if (replication.batchIntervalMs < lease.ttlMs / 3) return undefined;
    return (
      `replication.batch_interval_ms (${replication.batchIntervalMs}) must be below a third of lease.ttl_secs ` +
      `(${lease.ttlMs / 1000}): three heartbeats must reach the owner within a lease`
    );
  },
};

/** Probes of one peer do not overlap, and a silent peer is noticed before the next one is due. */
const probeWithinInterval: Relation = {
  keys: ['cluster.probe_timeout_ms', 'cluster.health_check_interval_ms'],
  broken({ cluster }) {
    if (cluster.probeTimeoutMs <= cluster.healthCheckIntervalMs) return undefined;
    return (
      `cluster.probe_timeout_ms (${cluster.probeTimeoutMs}) must not be above ` +
      `cluster.health_check_interval_ms (${cluster.healthCheckIntervalMs}): a probe ends before the next begins`
    );
  },
};

/**
 * A node that missed a removal may hold the instance for the whole retention of an orphan, and may have got it from a
 * node that did the same: until both are over, the removal must be remembered to beat what they send.
 */
const removalOutlivesOrphans: Relation = {
  keys: ['replication.tombstone_retention_secs', 'lease.orphan_retention_secs'],
  broken({ replication, lease }) {
    if (replication.tombstoneRetentionMs >= 2 * lease.orphanRetentionMs) return undefined;
    return (
      `replication.tombstone_retention_secs (${replication.tombstoneRetentionMs / 1000}) must be at least twice ` +
      `lease.orphan_retention_secs (${lease.orphanRetentionMs / 1000}): a removal forgotten earlier can come undone`
    );
  },
};

/** What is dropped before it is hidden would never be hidden. */
const graceWithinRetention: Relation = {
  keys: ['lease.orphan_grace_secs', 'lease.orphan_retention_secs'],
  broken({ lease }) {
    if (lease.orphanGraceMs < lease.orphanRetentionMs) return undefined;
    return (
      `lease.orphan_grace_secs (${lease.orphanGraceMs / 1000}) must be below lease.orphan_retention_secs ` +
      `(${lease.orphanRetentionMs / 1000}): an instance is hidden before it is removed`
    );
  },
};

/** A node away for the retention trusts nothing that it held: a longer lease would outlive that. */
const leaseWithinRetention: Relation = {
  keys: ['lease.ttl_secs', 'lease.orphan_retention_secs'],
  broken({ lease }) {
    if (lease.ttlMs <= lease.orphanRetentionMs) return undefined;
    return (
      `lease.ttl_secs (${lease.ttlMs / 1000}) must not be above lease.orphan_retention_secs ` +
      `(${lease.orphanRetentionMs / 1000}): no lease may outlive what is kept of a lost node`
    );
  },
};

/** Whoever answers every ping must not be cut. */
const pingWithinIdle: Relation = {
  keys: ['push.ping_interval_secs', 'push.idle_timeout_secs'],
  broken({ push }) {
    if (2 * push.pingIntervalMs <= push.idleTimeoutMs) return undefined;
    return (
      `push.ping_interval_secs (${push.pingIntervalMs / 1000}) must be at most half of push.idle_timeout_secs ` +
      `(${push.idleTimeoutMs / 1000}): a connection is pinged before it counts as dead`
    );
  },
};

/** A peer listed twice would be sent everything twice. */
const peersListedOnce: Relation = {
  keys: ['cluster.peers'],
  broken({ cluster }) {
    const urls = cluster.peers.map((peer) => {
      const parsed = parsePeer(peer);
      return parsed && `${parsed.resolved ? 'dns+' : ''}${parsed.url.toLowerCase()}`;
    });
    const twice = urls.find((url, index) => urls.indexOf(url) !== index);
    return twice === undefined ? undefined : `cluster.peers lists ${twice} twice: list each node once`;
  },
};

export const relations: readonly Relation[] = [
  batchWithinLease,
  probeWithinInterval,
  removalOutlivesOrphans,
  graceWithinRetention,
  leaseWithinRetention,
  pingWithinIdle,
  peersListedOnce,
];
