import type { Clock, NodeStatus, PeerState } from '@artemis/core';

/** A peer counts as silent when it was not heard for so many probe intervals. */
const silentIntervals = 2;

/** Where calls to a peer go. */
export interface PeerTarget {
  /** HOST:PORT. */
  readonly address: string;
  readonly url: string;
  /** `Host` header, where the address is one of several of a name. */
  readonly host?: string;
}

/** How this node came to know a peer: the stronger first, should two turn out to be one. */
export type PeerSource = 'configured' | 'resolved' | 'learned';

/** That another running node has the node id of this peer: the node of this process itself, or another peer. */
export type Double = 'of-this-node' | 'of-a-peer';

/**
 * One peer as this node sees it.
 *
 * ```
 *            call answered                      call answered
 *   suspect ---------------> alive     dead -----------------> alive
 *   alive ---call failed---> suspect   dead ---it is heard---> suspect
 *   suspect ---calls fail again, and it is not heard---------> dead
 *   any ---it says that it stops---> leaving ---it answers, started anew---> alive
 * ```
 *
 * A peer that is heard but cannot be called stays suspect: it lives, and what is sent to it does not arrive. One that
 * leaves stays so, however often calls fail: nothing about that is alarming.
 */
export class Peer implements PeerTarget {
  readonly address: string;
  readonly url: string;
  readonly host?: string;
  source: PeerSource;
  double: Double | undefined;
  readonly #intervalMs: number;
  #state: PeerState = 'suspect';
  #sinceWallMs: number;
  #failures = 0;
  #identity: NodeStatus | undefined;
  #identifiedMs = -Infinity;
  #leftMs = Infinity;
  #lastHeard: PeerMoment | undefined;
  #lastError: string | undefined;
  /** What its wall clock showed when this node's monotonic one was 0. */
  #wallAtZeroMs: number | undefined;
  #delivers = true;

  constructor(target: PeerTarget, source: PeerSource, intervalMs: number, now: PeerMoment) {
    this.address = target.address;
    this.url = target.url;
    if (target.host !== undefined) this.host = target.host;
    this.source = source;
    this.#intervalMs = intervalMs;
    this.#sinceWallMs = now.wallMs;
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

  /** When that answer came, monotonic ms. */
  get identifiedMs(): number {
    return this.#identifiedMs;
  }

  /** Of its last request or answer; `undefined` when there was none. */
  get lastHeard(): PeerMoment | undefined {
    return this.#lastHeard;
  }

  /** Unix ms of its last request or answer. */
  get lastHeardWallMs(): number | undefined {
    return this.#lastHeard?.wallMs;
  }

  /** Why the latest call failed; `undefined` once one succeeded. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** How far its wall clock was ahead of this node's at the latest probe, ms; `undefined` when it never told. */
  wallLeadMs({ monotonicMs, wallMs }: PeerMoment): number | undefined {
    return this.#wallAtZeroMs === undefined ? undefined : this.#wallAtZeroMs + monotonicMs - wallMs;
  }

  /** Whether what is sent to it arrives: the latest call was answered, and the latest delivery was taken. */
  get reachable(): boolean {
    return this.#state === 'alive' && this.double !== 'of-this-node' && this.#delivers;
  }

  /** Whether it answers, and said that it does not serve clients yet. */
  get starting(): boolean {
    return this.#state === 'alive' && this.identity?.status === 'starting';
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

  /** It answered a probe, sent at `askedMs` by the monotonic clock, with who it is. */
  identified(status: NodeStatus, now: PeerMoment, askedMs: number): void {
    // An answer from before it left must not bring it back.
    const leaves = this.#state === 'leaving' && askedMs <= this.#leftMs;
    const sameRun = status.run_id === this.#identity?.run_id;
    this.#identity = status;
    this.#identifiedMs = now.monotonicMs;
    this.#wallAtZeroMs = status.wall_time_ms - (askedMs + now.monotonicMs) / 2;
    if (status.status === 'draining') this.leaves(now);
    else if (leaves && sameRun) this.#lastHeard = now;
    else this.answered(now);
  }

  failed(reason: string, now: PeerMoment): void {
    this.#failures += 1;
    this.#lastError = reason;
    if (this.#state === 'leaving') return;
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

  /** It said that it stops. */
  leaves(now: PeerMoment): void {
    this.#lastHeard = now;
    if (this.#state === 'leaving') return;
    this.#leftMs = now.monotonicMs;
    this.#become('leaving', now);
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

export function momentOf(clock: Clock): PeerMoment {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
}
