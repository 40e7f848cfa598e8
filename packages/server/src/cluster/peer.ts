import type { NodeStatus, PeerState } from '@artemis/core';

/** A peer counts as silent when it was not heard for so many probe intervals. */
const silentIntervals = 2;

/**
 * One peer as this node sees it.
 *
 * ```
 *            call answered                      call answered
 *   suspect ---------------> alive     dead -----------------> alive
 *   alive ---call failed---> suspect   dead ---it is heard---> suspect
 *   suspect ---calls fail again, and it is not heard---------> dead
 * ```
 *
 * A peer that is heard but cannot be called stays suspect: it lives, and what is sent to it does not arrive.
 */
export class Peer {
  /** As configured, HOST:PORT. */
  readonly address: string;
  readonly url: string;
  readonly #intervalMs: number;
  #state: PeerState = 'suspect';
  #sinceWallMs: number;
  #failures = 0;
  #identity: NodeStatus | undefined;
  #lastHeard: { readonly monotonicMs: number; readonly wallMs: number } | undefined;
  #lastError: string | undefined;
  #wallLeadMs = 0;
  #delivers = true;

  constructor(address: string, url: string, intervalMs: number, wallMs: number) {
    this.address = address;
    this.url = url;
    this.#intervalMs = intervalMs;
    this.#sinceWallMs = wallMs;
  }

  get state(): PeerState {
    return this.#state;
  }

  /** Unix ms since which the state holds. */
  get sinceWallMs(): number {
    return this.#sinceWallMs;
  }

  /** The latest answer to a probe; `undefined` before the first. */
  get identity(): NodeStatus | undefined {
    return this.#identity;
  }

  /** Unix ms of its last request or answer. */
  get lastHeardWallMs(): number | undefined {
    return this.#lastHeard?.wallMs;
  }

  /** Why the latest call failed; `undefined` once one succeeded. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** How far its wall clock was ahead of this node's at the latest probe, ms. */
  get wallLeadMs(): number {
    return this.#wallLeadMs;
  }

  /** Whether what is sent to it arrives: the latest call was answered, and the latest delivery was taken. */
  get reachable(): boolean {
    return this.#state === 'alive' && this.#delivers;
  }

  /** A batch of changes was taken, or was not: a peer can answer probes and still take nothing. */
  delivered(taken: boolean): void {
    this.#delivers = taken;
  }

  answered(now: PeerMoment): void {
    this.#failures = 0;
    this.#lastError = undefined;
    this.#lastHeard = now;
    this.#become('alive', now);
  }

  /** It answered a probe with who it is. */
  identified(status: NodeStatus, now: PeerMoment): void {
    this.#identity = status;
    this.#wallLeadMs = status.wall_time_ms - now.wallMs;
    this.answered(now);
  }

  failed(reason: string, now: PeerMoment): void {
    this.#failures += 1;
    this.#lastError = reason;
    const silentMs = this.#lastHeard === undefined ? Infinity : now.monotonicMs - this.#lastHeard.monotonicMs;
    const dead = this.#failures > 1 && silentMs > silentIntervals * this.#intervalMs;
    if (dead) this.#become('dead', now);
    else if (this.#state !== 'dead') this.#become('suspect', now);
  }

  /** It sent a request: it lives, though whether it can be called is not known by that. */
  heard(now: PeerMoment): void {
    this.#lastHeard = now;
    if (this.#state === 'dead') this.#become('suspect', now);
  }

  #become(state: PeerState, { wallMs }: PeerMoment): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#sinceWallMs = wallMs;
  }
}

export interface PeerMoment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}
