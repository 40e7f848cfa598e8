import type { Cancel, Clock, Logger, RequestHeaders, Scheduler } from '@artemis/core';
import { TransportError } from '@artemis/core';
import type { ArtemisConfig } from '@artemis/core/config';
import type { ClusterManager } from '../cluster/manager.js';
import type { Peer } from '../cluster/peer.js';
import type { TableDigest } from './digest.js';
import type { Ending } from './peer-repair.js';
import { QueryError } from './peer-queries.js';
import type { TablePull } from './table-pull.js';

/** How often a node that joins looks again at its peers. */
const againMs = 100;
/** How often it looks whether every peer has been asked once. */
const askedMs = 10;
/** How long a peer is left alone that did not go along. */
const restMs = 1000;
/** How long a peer that answers is waited for to make itself heard: its live changes could not arrive before. */
const heardMs = 2000;

interface BootstrapOptions {
  readonly config: ArtemisConfig;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly cluster: ClusterManager;
  readonly digest: TableDigest;
  readonly pull: TablePull;
  /** Exchanges everything that differs with a peer. */
  readonly compare: (peer: Peer) => Promise<Ending>;
  /** Rejects as a call to the peer fails. */
  readonly knock: (peer: Peer) => Promise<unknown>;
  readonly synced: () => void;
}

/**
 * Whether this node has caught up with its peers since its start. Until then it takes in what peers send and answers
 * their questions, serves no clients, and expires nothing.
 *
 * ```
 *   joining ---- every peer refuses the connection or has no address -----------> synced
 *           ---- it was compared with every reachable peer that is synced ------>
 *           ---- none is, and it was compared with every configured peer ------->
 *           ---- bootstrap_timeout is over ------------------------------------->
 * ```
 *
 * A peer that does not take this node for one of its cluster is no peer to wait for, as long as another one does.
 *
 * A peer counts once it has made itself heard, since its live changes arrive from then on. A node without records
 * first takes the table of one peer page by page; the comparison then finds little.
 */
export class Bootstrap {
  readonly #options: BootstrapOptions;
  readonly #heard = new Set<string>();
  /** By run of a peer: how the latest comparison with it ended, monotonic ms, and whether the peer was synced. */
  readonly #compared = new Map<string, { ending: Ending; atMs: number; synced: boolean }>();
  /** By run of a peer: when it last did not bring the table to its end, monotonic ms. */
  readonly #brokeOff = new Map<string, number>();
  #joining: boolean;
  #stopped = false;
  #waitsFor = 'not every peer has been asked yet';
  #isEmpty = false;
  #startMs = 0;
  #cancels: Cancel[] = [];
  /** Ends the pause. */
  #wake: (() => void) | undefined;

  constructor(options: BootstrapOptions) {
    this.#options = options;
    const { cluster, replication } = options.config;
    this.#joining = cluster.enabled && replication.enabled;
  }

  get joining(): boolean {
    return this.#joining;
  }

  /** Why it has not caught up, `undefined` when it has. */
  get reason(): string | undefined {
    return this.#joining ? this.#waitsFor : undefined;
  }

  /** The peers are known, and the store has been read. */
  start(): void {
    if (!this.#joining) return;
    const { config, scheduler, digest, clock } = this.#options;
    this.#isEmpty = digest.count === 0;
    this.#startMs = clock.monotonicMs();
    this.#cancels.push(scheduler.after(config.replication.bootstrapTimeoutMs, () => this.#giveUp()));
    void this.#join();
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels) cancel();
  }

  /** Any request of a peer. */
  contacted(headers: RequestHeaders): void {
    const nodeId = headers['x-artemis-node'];
    if (!this.#joining || typeof nodeId !== 'string' || this.#heard.has(nodeId)) return;
    this.#heard.add(nodeId);
    this.#wake?.();
  }

  async #join(): Promise<void> {
    const { cluster } = this.#options;
    while (this.#joining && !this.#stopped) {
      if (cluster.probedAll && (await this.#round())) {
        this.#end('Joined the cluster');
        return;
      }
      await this.#pause(cluster.probedAll ? againMs : askedMs);
      if (cluster.probedAll) await Promise.all(cluster.peers.map((peer) => cluster.probeNow(peer)));
    }
  }

  /** Answers whether nothing is left to be waited for. */
  async #round(): Promise<boolean> {
    const peers = this.#peers();
    const reachable = peers.filter(({ state }) => state === 'alive');
    if (reachable.length === 0) {
      this.#waitsFor = 'no peer answers, and not all of them are known to be down';
      return (await Promise.all(peers.map((peer) => this.#isDown(peer)))).every(Boolean);
    }
    const synced = reachable.filter((peer) => peer.identity?.synced !== false && !this.#isForbidden(peer));
    const done = [...this.#compared.values()].filter(({ ending }) => ending === 'done');
    const isLed = synced.length > 0 || done.some((compared) => compared.synced);
    const wanted = isLed ? synced : peers.filter(({ source }) => source !== 'learned');
    this.#waitsFor = `not compared yet with ${isLed ? 'every synced peer' : 'every configured peer'}`;
    if (this.#isEmpty) await this.#pull(reachable);
    for (const peer of wanted) if (this.#isDue(peer)) await this.#compare(peer);
    // Who was reachable when the round began may have gone since; the next round tells.
    const endings = wanted.map((peer) => this.#compared.get(runOf(peer))?.ending ?? 'failed');
    const isAccepted = endings.includes('done') || done.length > 0;
    return isAccepted && endings.every((ending) => ending !== 'failed');
  }

  async #compare(peer: Peer): Promise<void> {
    const { compare, clock } = this.#options;
    const synced = peer.identity?.synced !== false;
    const run = runOf(peer);
    const ending = await compare(peer);
    this.#compared.set(run, { ending, atMs: clock.monotonicMs(), synced });
  }

  /** Foreign nodes know no exchange, and whoever leaves will not be missed. */
  #peers(): Peer[] {
    return this.#options.cluster.peers.filter(
      ({ state, identity, double }) =>
        state !== 'leaving' && double !== 'of-this-node' && !(state === 'alive' && identity === undefined),
    );
  }

  #isDue(peer: Peer): boolean {
    const now = this.#options.clock.monotonicMs();
    const isHeard = now - this.#startMs > heardMs || this.#heard.has(peer.identity?.node_id ?? '');
    if (peer.state !== 'alive' || !isHeard) return false;
    const before = this.#compared.get(runOf(peer));
    return before === undefined || (before.ending !== 'done' && now - before.atMs >= restMs);
  }

  /** Whether the peer does not take this node for one of its cluster: what it has caught up with is another one. */
  #isForbidden(peer: Peer): boolean {
    return this.#compared.get(runOf(peer))?.ending === 'forbidden';
  }

  /** The fullest first, those that are synced before the others. */
  async #pull(reachable: readonly Peer[]): Promise<void> {
    const { pull, logger } = this.#options;
    const worth = ({ identity }: Peer): number =>
      (identity?.live_records ?? 0) * (identity?.synced === false ? 1e-9 : 1);
    const now = this.#options.clock.monotonicMs();
    const donors = reachable
      .filter((peer) => worth(peer) > 0 && (this.#brokeOff.get(runOf(peer)) ?? -Infinity) <= now - restMs)
      .sort((a, b) => worth(b) - worth(a));
    for (const donor of donors) {
      if (pull.done || this.#stopped) return;
      await pull.from(donor).catch((error: unknown) => {
        if (!(error instanceof QueryError)) throw error;
        this.#brokeOff.set(runOf(donor), this.#options.clock.monotonicMs());
        logger.warn(`${donor.address} did not bring the table to its end: ${error.message}`);
      });
    }
  }

  async #isDown(peer: Peer): Promise<boolean> {
    try {
      await this.#options.knock(peer);
      return false;
    } catch (error) {
      return error instanceof TransportError && (error.kind === 'refused' || error.kind === 'unknown-host');
    }
  }

  #giveUp(): void {
    this.#options.logger.warn(`Joining took too long, this node serves what it has: ${this.#waitsFor}`);
    this.#end('Serving without having joined');
  }

  #end(how: string): void {
    if (!this.#joining || this.#stopped) return;
    this.#joining = false;
    for (const cancel of this.#cancels) cancel();
    const { digest, logger, pull, synced } = this.#options;
    logger.info(how, { records: digest.count, pulled: pull.records });
    synced();
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#options.scheduler.after(delayMs, resolve);
    });
  }
}

function runOf({ identity, url }: Peer): string {
  return identity?.run_id ?? url;
}
