import type { InstanceKey, Runtime } from '@artemis/core';
import type { ArtemisConfig } from '@artemis/core/config';
import type { Peer, PeerMoment } from './cluster/peer.js';
import { LeaseAsker } from './lease/asker.js';
import type { LeaseMetrics } from './lease/lease-metrics.js';
import { OwnExpiry } from './lease/expiry.js';
import { LapsedLeases } from './lease/lapsed.js';
import { LeaseClock } from './lease/lease-clock.js';
import { LeaseManager } from './lease/manager.js';
import { Orphans } from './lease/orphans.js';
import { OwnedCounts } from './lease/owned-counts.js';
import { SelfPreservation } from './lease/self-preservation.js';
import { HeldBack } from './registry/held-back.js';
import type { RegistryRepository } from './registry/repository.js';

interface LeasesOptions {
  readonly config: ArtemisConfig;
  readonly runtime: Runtime;
  readonly nodeId: string;
  readonly repository: RegistryRepository;
  /** A key is left out of what this node donates, and is not any more. */
  readonly excluded: (key: string) => void;
  readonly included: (key: string) => void;
  /** A record is gone from the table without a change. */
  readonly dropped: (key: string) => void;
  readonly peers: () => readonly Peer[];
  /** Asks a peer for the ages that it knows, and takes them in. Rejects when there is no answer. */
  readonly ask: (peer: Peer, keys: readonly InstanceKey[]) => Promise<void>;
  /** Whether the node has not caught up with its peers yet: then it decides nothing. */
  readonly joining: () => boolean;
  readonly metrics: () => Pick<LeaseMetrics, 'asked' | 'heldUp' | 'preserved'>;
}

/** Everything that watches leases, and what is done about those that nobody renews. */
export interface Leases {
  readonly time: LeaseClock;
  readonly manager: LeaseManager;
  readonly owned: OwnedCounts;
  readonly preservation: SelfPreservation;
  readonly expiry: OwnExpiry;
  readonly heldBack: HeldBack;
  readonly lapsed: LapsedLeases;
}

export function createLeases(options: LeasesOptions): Leases {
  const { config, runtime, nodeId, repository } = options;
  const { clock, scheduler, logger } = runtime;
  const owned = new OwnedCounts(nodeId);
  const time = new LeaseClock({
    clock,
    scheduler,
    restartAfterMs: config.lease.orphanRetentionMs,
    restarted: (sinceMs) => {
      logger.warn('This node was held up for so long that it vouches for nothing that it held before');
      lapsed.restarted(sinceMs);
    },
    credited: (gapMs) => {
      options.metrics().heldUp(gapMs);
      logger.warn(`This node was held up for ${(gapMs / 1000).toFixed(1)} s: all leases last so much longer`);
    },
    wallAgrees: (here, sinceMs) => wallAgrees(options, here, sinceMs),
  });
  const manager = new LeaseManager({
    nodeId,
    time,
    scheduler,
    slots: repository.slots,
    due: (keys) => lapsed.take(keys),
    news: (key) => lapsed.news(key),
  });
  const preservation: SelfPreservation = new SelfPreservation({
    config: config.selfPreservation,
    nowMs: () => time.nowMs(),
    wallMs: () => clock.wallMs(),
    owned,
    lapsed: (serviceKey) => expiry.lapsed(serviceKey),
    entered: () => options.metrics().preserved(),
    logger,
  });
  const joining = options.joining;
  const shared = {
    scheduler,
    time,
    repository,
    leases: () => manager,
    paused: (serviceKey: string) =>
      joining() ? 'the node has not joined yet, or its clock is wrong' : preservation.pausing(serviceKey),
  };
  const expiry = new OwnExpiry(shared);
  const asker = new LeaseAsker({
    peers: () =>
      options.peers().filter(({ state, double }) => state === 'alive' && double !== 'of-this-node'),
    ask: options.ask,
    asking: (keys) => options.metrics().asked(keys),
  });
  const { orphanGraceMs: graceMs, orphanRetentionMs: retentionMs } = config.lease;
  const orphans = new Orphans({ ...shared, asker, graceMs, retentionMs });
  const heldBack = createHeldBack(options, manager, owned);
  const lapsed: LapsedLeases = new LapsedLeases({
    ...shared,
    heldBack,
    preservation,
    expiry,
    orphans,
    joining,
  });
  return { time, manager, owned, preservation, expiry, heldBack, lapsed };
}

function createHeldBack(
  { repository, excluded, included, dropped }: LeasesOptions,
  manager: LeaseManager,
  owned: OwnedCounts,
): HeldBack {
  return new HeldBack({
    repository,
    excluded,
    included,
    dropping: (record) => {
      manager.forget(record.key);
      owned.forget(record);
      dropped(record.key);
    },
  });
}

/** By the middle one of the peers that told their time since then. */
function wallAgrees(
  { config, peers }: LeasesOptions,
  here: PeerMoment,
  sinceMs: number,
): boolean | undefined {
  const leads = peers()
    .filter(({ identifiedMs }) => identifiedMs > sinceMs)
    .flatMap((peer) => peer.wallLeadMs(here) ?? [])
    .sort((a, b) => a - b);
  const middle = leads[Math.floor(leads.length / 2)];
  return middle === undefined ? undefined : Math.abs(middle) <= config.replication.maxClockDriftMs;
}
