import type { ChangeFeed, Clock, Logger, Random, Scheduler } from '@artemis/core';
import type { ArtemisConfig } from '@artemis/core/config';
import type { ClusterManager } from '../cluster/manager.js';
import type { Peer } from '../cluster/peer.js';
import type { NodeMetrics } from '../metrics.js';
import type { RegistryRepository } from '../registry/repository.js';
import { bodyBytes } from './body-size.js';
import { Comparison } from './comparison.js';
import type { TableDigest } from './digest.js';
import { Exchange } from './exchange.js';
import type { RecordIntake } from './intake.js';
import type { Ending } from './peer-repair.js';
import { PeerRepair } from './peer-repair.js';
import type { PeerQueries } from './peer-queries.js';
import { recentKeys } from './recent.js';
import { Slots } from './slots.js';

/** Answers of peers that are worked on at a time. Those that are waited for hold nobody up. */
const atATime = 2;

interface AntiEntropyOptions {
  readonly config: ArtemisConfig;
  readonly ownNodeId: string;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: NodeMetrics;
  readonly cluster: ClusterManager;
  readonly queries: PeerQueries;
  readonly digest: TableDigest;
  readonly changes: ChangeFeed;
  readonly repository: RegistryRepository;
  readonly intake: RecordIntake;
  /** Sends records to a peer; answers whether it took all of them. */
  readonly give: (peer: Peer, keys: readonly string[]) => Promise<boolean>;
  /** Whether this node has not joined yet. */
  readonly joining: () => boolean;
}

/** What is known of differences to a peer. */
export interface RepairState {
  /** Whether something happened that makes a comparison due, or one is under way because of it. */
  readonly pending: boolean;
  /** Whether both held the same when that was last seen. */
  readonly equal: boolean | undefined;
  /** When a difference was last exchanged, unix ms. */
  readonly repairedWallMs: number | undefined;
}

const unknownPeer: RepairState = { pending: false, equal: undefined, repairedWallMs: undefined };

/** Compares this node with each of its peers and repairs what the outboxes did not bring. */
export class AntiEntropy {
  readonly #options: AntiEntropyOptions;
  readonly #repairs = new Map<Peer, PeerRepair>();
  readonly #slots = new Slots(atATime);

  constructor(options: AntiEntropyOptions) {
    this.#options = options;
  }

  added(peer: Peer): void {
    this.#repairs.set(peer, this.#repairOf(peer));
  }

  removed(peer: Peer): void {
    this.#repairs.get(peer)?.stop();
    this.#repairs.delete(peer);
  }

  /** The peer answered a probe. */
  alive(peer: Peer, news: { readonly recovered: boolean; readonly newRun: boolean }): void {
    this.#repairs.get(peer)?.seen(news);
  }

  /** A peer will not be sent some changes. */
  missed(peer: Peer, why: 'overflow' | 'refused'): void {
    this.#repairs.get(peer)?.missed(why);
  }

  /** A node asked for digests. */
  asked(nodeId: string): void {
    for (const [peer, repair] of this.#repairs) {
      if (peer.identity?.node_id === nodeId) repair.asked();
    }
  }

  /** Compares everything with a peer now. Never rejects. */
  async compareNow(peer: Peer): Promise<Ending> {
    return (await this.#repairs.get(peer)?.now()) ?? 'failed';
  }

  /** This node has joined: from here on it compares by itself. */
  resume(): void {
    for (const repair of this.#repairs.values()) repair.resume();
  }

  stateOf(peer: Peer): RepairState {
    return this.#repairs.get(peer) ?? unknownPeer;
  }

  stop(): void {
    for (const repair of this.#repairs.values()) repair.stop();
  }

  #repairOf(peer: Peer): PeerRepair {
    const { config, cluster, logger, metrics, joining } = this.#options;
    return new PeerRepair({
      ...this.#options,
      peer,
      comparison: this.#comparisonWith(peer),
      intervalMs: config.replication.antiEntropyIntervalMs,
      probeIntervalMs: config.cluster.healthCheckIntervalMs,
      paused: joining,
      unanswered: (reason) => cluster.callFailed(peer, reason),
      probe: () => void cluster.probeNow(peer),
      ended(result, { fetched, given }, seconds) {
        metrics.exchange(peer.address, result, { fetched, given }, seconds);
        if (fetched + given > 0)
          logger.info(`Exchanged what differed with ${peer.address}`, { fetched, given });
      },
    });
  }

  #comparisonWith(peer: Peer): Comparison {
    const { config, changes, clock, repository, digest, give } = this.#options;
    const { settleMs, antiEntropyIntervalMs } = config.replication;
    return new Comparison({
      ...this.#options,
      settleMs,
      restMs: antiEntropyIntervalMs,
      exchange: (all) =>
        new Exchange({
          ...this.#options,
          peer,
          slots: this.#slots,
          maxBytes: bodyBytes(config),
          give: (keys) => give(peer, keys),
          underWay: () => (all ? new Set() : recentKeys(changes, clock, settleMs)),
        }),
      offerTable: () =>
        give(
          peer,
          [...repository.keys()].filter((key) => !digest.excludes(key)),
        ),
    });
  }
}
