import type { Admission, Clock, RequestHeaders } from '@artemis/core';
import type { Identity } from '../identity.js';
import type { PeerCaller } from './caller.js';
import type { LearnedPeers } from './learned.js';
import type { Peer } from './peer.js';
import { momentOf } from './peer.js';

interface PeerContactsOptions {
  readonly identity: Identity;
  readonly clock: Clock;
  /** Whether a secret is needed to be believed. */
  readonly guarded: boolean;
  readonly caller: PeerCaller;
  readonly admission: (headers: RequestHeaders) => Admission;
  readonly peers: () => readonly Peer[];
  readonly learned: LearnedPeers;
  readonly probe: (peer: Peer) => Promise<void>;
  readonly leaves: (peer: Peer) => void;
}

/** What requests of other nodes tell of their senders. */
export class PeerContacts {
  readonly #options: PeerContactsOptions;

  constructor(options: PeerContactsOptions) {
    this.#options = options;
  }

  /** Whether a request may use the routes between nodes. A second node of this node's id may not. */
  admit(headers: RequestHeaders): Admission {
    const { admission, identity } = this.#options;
    const admitted = admission(headers);
    const { 'x-artemis-node': nodeId, 'x-artemis-run': runId, 'x-artemis-status': status } = headers;
    const isDouble = nodeId === identity.nodeId && typeof runId === 'string' && !identity.isOwnRun(runId);
    // One that stops may hand over what it has: this node can be its successor.
    if (admitted !== 'admitted' || !isDouble || status === 'leaving') return admitted;
    this.heard(headers);
    return 'forbidden';
  }

  /** Any request of a peer proves it alive. One that is not known to be reachable is asked at once. */
  heard(headers: RequestHeaders): void {
    const { identity, guarded, admission, caller, clock, probe, leaves } = this.#options;
    const { 'x-artemis-node': nodeId, 'x-artemis-run': runId, 'x-artemis-status': status } = headers;
    if (typeof nodeId !== 'string' || (typeof runId === 'string' && identity.isOwnRun(runId))) return;
    if (guarded && admission(headers) !== 'admitted') return;
    const peer = this.#senderOf(headers);
    caller.takeClock(peer?.address ?? nodeId, headers);
    if (status === 'leaving') {
      if (peer !== undefined) leaves(peer);
      return;
    }
    if (peer === undefined) {
      this.#options.learned.consider(headers, () => this.#askWhoItCouldBe(nodeId));
      return;
    }
    const restarted = peer.identity !== undefined && peer.identity.run_id !== runId;
    peer.heard(momentOf(clock));
    if (restarted || peer.state !== 'alive') void probe(peer);
  }

  #senderOf({
    'x-artemis-node': nodeId,
    'x-artemis-run': runId,
    'x-artemis-address': address,
  }: RequestHeaders): Peer | undefined {
    const peers = this.#options.peers();
    return (
      peers.find(({ identity }) => identity?.run_id === runId && identity?.node_id === nodeId) ??
      peers.find((peer) => peer.address === address)
    );
  }

  /** A peer may be known by another address than its own; it says who it is when it is asked. */
  async #askWhoItCouldBe(nodeId: string): Promise<void> {
    const { peers, probe } = this.#options;
    const candidates = peers().filter(
      ({ state, identity }) => state !== 'alive' || identity?.node_id === nodeId,
    );
    await Promise.all(candidates.map((peer) => probe(peer)));
  }
}
