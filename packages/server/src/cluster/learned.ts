import type { RequestHeaders } from '@artemis/core';
import { parseHostPort, parsePeer } from '@artemis/core/config';
import type { Peer, PeerMoment, PeerTarget } from './peer.js';
import type { ProbeResult } from './prober.js';
import type { PeerRoster } from './roster.js';

/** Bounds: whoever can send requests can claim addresses. */
const maxLearned = 256;
const maxAsked = 64;

interface LearnedPeersOptions {
  /** A node alone learns of nobody. */
  readonly enabled: boolean;
  readonly roster: PeerRoster;
  /** Where this node itself is reached, HOST:PORT. */
  readonly ownAddress: string;
  /** A claim that proved wrong is not looked at again for so long. */
  readonly restMs: number;
  /** How long after its last contact a learned peer is kept. */
  readonly retentionMs: number;
  readonly now: () => PeerMoment;
  readonly probe: (target: PeerTarget) => Promise<ProbeResult>;
  /** It is a peer from now on; this is how it answered. */
  readonly learned: (peer: Peer, result: ProbeResult, askedMs: number) => void;
}

/**
 * Peers that are in no list: whoever sends as a node and is found, at the address that it claims, to be the node that it
 * claims to be. So a node can be added without a change at the others.
 */
export class LearnedPeers {
  readonly #options: LearnedPeersOptions;
  /** URLs that were or are being asked, until when they are left alone. */
  readonly #asked = new Map<string, number>();

  constructor(options: LearnedPeersOptions) {
    this.#options = options;
  }

  /**
   * A request came from a node that is no known peer.
   *
   * @param before resolves when every peer has been asked that it could turn out to be
   */
  consider(headers: RequestHeaders, before: () => Promise<void>): void {
    const target = targetIn(headers);
    const { 'x-artemis-node': nodeId, 'x-artemis-run': runId } = headers;
    if (target === undefined || typeof nodeId !== 'string' || typeof runId !== 'string') return;
    const { enabled, roster, ownAddress } = this.#options;
    if (!enabled) return;
    if (target.address === ownAddress || roster.knows(target.url) || roster.isDismissed(runId)) return;
    if (roster.learned.length >= maxLearned || !this.#mayAsk(target.url)) return;
    void before().then(() => this.#ask(target, nodeId, runId));
  }

  /** Lets go of those that were not heard for too long. */
  sweep(): void {
    const { roster, retentionMs, now } = this.#options;
    const oldestMs = now().monotonicMs - retentionMs;
    for (const { url, lastHeard } of roster.learned) {
      if ((lastHeard?.monotonicMs ?? -Infinity) < oldestMs) roster.remove(url);
    }
  }

  /** A node that started anew elsewhere is not expected at its old address any more. */
  supersede(peer: Peer): void {
    for (const { url, identity, state } of this.#options.roster.learned) {
      const sameNode =
        identity?.node_id === peer.identity?.node_id && identity?.run_id !== peer.identity?.run_id;
      if (url !== peer.url && sameNode && (state === 'dead' || state === 'leaving')) {
        this.#options.roster.remove(url);
      }
    }
  }

  #mayAsk(url: string): boolean {
    const { monotonicMs } = this.#options.now();
    for (const [asked, untilMs] of this.#asked) {
      if (untilMs <= monotonicMs) this.#asked.delete(asked);
    }
    if (this.#asked.has(url) || this.#asked.size >= maxAsked) return false;
    this.#asked.set(url, monotonicMs + this.#options.restMs);
    return true;
  }

  async #ask(target: PeerTarget, nodeId: string, claimedRunId: string): Promise<void> {
    const { roster, probe, now, learned } = this.#options;
    if (isPeer(roster, claimedRunId)) return;
    const askedMs = now().monotonicMs;
    const result = await probe(target);
    if (result.kind !== 'node' || result.status.node_id !== nodeId || roster.knows(target.url)) return;
    const { run_id: runId } = result.status;
    if (roster.isDismissed(runId) || isPeer(roster, runId)) return;
    this.#asked.delete(target.url);
    learned(roster.add(target, 'learned'), result, askedMs);
  }
}

function isPeer(roster: PeerRoster, runId: string): boolean {
  return roster.peers.some(({ identity }) => identity?.run_id === runId);
}

/** Only a plain HOST:PORT is believed. */
function targetIn(headers: RequestHeaders): PeerTarget | undefined {
  const address = headers['x-artemis-address'];
  if (typeof address !== 'string' || address.length > 300 || parseHostPort(address) === undefined)
    return undefined;
  const peer = parsePeer(address);
  return peer && { address: peer.address, url: peer.url };
}
