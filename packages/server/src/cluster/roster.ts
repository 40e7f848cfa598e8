import type { Logger } from '@artemis/core';
import type { PeerMoment, PeerSource, PeerTarget } from './peer.js';
import { Peer } from './peer.js';

export interface WantedPeer {
  readonly target: PeerTarget;
  readonly source: PeerSource;
}

interface RosterOptions {
  readonly logger: Logger;
  readonly intervalMs: number;
  readonly now: () => PeerMoment;
  readonly added: (peer: Peer) => void;
  readonly removed: (peer: Peer) => void;
}

const rank: Readonly<Record<PeerSource, number>> = { configured: 0, resolved: 1, learned: 2 };

/** Who the peers are, by whatever way they became known. One node is one peer, under however many addresses. */
export class PeerRoster {
  readonly #options: RosterOptions;
  readonly #peers = new Map<string, Peer>();
  /** The same in a row: it is looked through for every key of a heartbeat. */
  #list: readonly Peer[] = [];
  /** Known addresses that are no peers of their own: this node itself, and further addresses of a peer. */
  readonly #aside = new Map<string, { readonly peer: Peer; readonly self: boolean }>();
  /** Runs that were peers until the configuration left them out. */
  readonly #dismissed = new Set<string>();

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  get peers(): readonly Peer[] {
    return this.#list;
  }

  /** Further addresses of peers, which could come to belong to others. */
  get aliases(): readonly Peer[] {
    return [...this.#aside.values()].filter(({ self }) => !self).map(({ peer }) => peer);
  }

  get learned(): readonly Peer[] {
    return this.peers.filter(({ source }) => source === 'learned');
  }

  /** Whether it is a peer or put aside, and none that was let go. */
  holds(peer: Peer): boolean {
    return this.#peers.get(peer.url) === peer || this.#aside.get(peer.url)?.peer === peer;
  }

  knows(url: string): boolean {
    return this.#peers.has(url) || this.#aside.has(url);
  }

  /** Whether that run was taken out of the configuration: it is not learned again. */
  isDismissed(runId: string): boolean {
    return this.#dismissed.has(runId);
  }

  /** The peers of configuration and names are exactly these from here on; learned ones stay besides. */
  want(wanted: readonly WantedPeer[]): void {
    const urls = new Set(wanted.map(({ target }) => target.url));
    for (const { url, source, identity } of this.peers) {
      if (source === 'learned' || urls.has(url)) continue;
      if (source === 'configured' && identity !== undefined) this.#dismissed.add(identity.run_id);
      this.remove(url);
    }
    for (const [url, { peer }] of this.#aside) {
      if (peer.source !== 'learned' && !urls.has(url)) this.#aside.delete(url);
    }
    for (const { target, source } of wanted) {
      const known = this.#peers.get(target.url) ?? this.#aside.get(target.url)?.peer;
      if (known === undefined) this.add(target, source);
      else known.source = source;
    }
  }

  add(target: PeerTarget, source: PeerSource): Peer {
    const { logger, intervalMs, now } = this.#options;
    const peer = new Peer(target, source, intervalMs, now());
    logger.info(
      `${source === 'learned' ? 'Learned' : 'Adding'} peer node: ${target.address} at ${target.url}`,
    );
    this.#take(peer);
    return peer;
  }

  remove(url: string): void {
    const peer = this.#peers.get(url);
    if (peer === undefined) return;
    this.#options.logger.info(`Removing peer node: ${peer.address}`, { node: peer.identity?.node_id });
    this.#release(peer);
  }

  /** The address turned out to be that of this node. */
  isSelf(peer: Peer): void {
    this.#options.logger.info(`Peer ${peer.address} is this node itself, skipped`);
    this.#release(peer);
    this.#aside.set(peer.url, { peer, self: true });
  }

  /**
   * Settles who is a peer once `peer` has said who it is: of two addresses of one node the weaker is put aside. Answers
   * whether `peer` is a peer.
   */
  settle(peer: Peer): boolean {
    const other = this.peers.find((known) => known !== peer && isSameRun(known, peer));
    const isAside = this.#aside.has(peer.url);
    if (other === undefined) {
      if (isAside) {
        this.#aside.delete(peer.url);
        this.#take(peer);
      }
      return true;
    }
    if (isAside) return false;
    const weaker = rank[peer.source] < rank[other.source] ? other : peer;
    const stronger = weaker === peer ? other : peer;
    this.#options.logger.info(`Peer ${weaker.address} is the same node as ${stronger.address}, skipped`);
    this.#release(weaker);
    if (weaker.source !== 'learned') this.#aside.set(weaker.url, { peer: weaker, self: false });
    return weaker !== peer;
  }

  #take(peer: Peer): void {
    this.#peers.set(peer.url, peer);
    this.#list = [...this.#peers.values()];
    if (peer.identity !== undefined) this.#dismissed.delete(peer.identity.run_id);
    this.#options.added(peer);
  }

  #release(peer: Peer): void {
    if (!this.#peers.delete(peer.url)) return;
    this.#list = [...this.#peers.values()];
    this.#options.removed(peer);
  }
}

function isSameRun(a: Peer, b: Peer): boolean {
  return (
    a.identity !== undefined &&
    a.identity.run_id === b.identity?.run_id &&
    a.identity.node_id === b.identity.node_id
  );
}
