import type { HybridClock, PeerRequest, PeerResponse, PeerTransport, RequestHeaders } from '@artemis/core';
import type { Identity } from '../identity.js';
import type { PeerTarget } from './peer.js';

interface PeerCallerOptions {
  readonly identity: Identity;
  /** Where peers reach this node, HOST:PORT. */
  readonly advertiseAddr: string;
  readonly secret: string | undefined;
  readonly clock: HybridClock;
  readonly transport: PeerTransport;
  /** A peer's clock is too far ahead to be followed; `first` unless it was so the last time. */
  readonly clockRefused: (peer: string, stamp: number, first: boolean) => void;
}

const rememberedRefusals = 1000;

/** Calls peers as this node: every request says who sends it, and every clock that comes back is taken in. */
export class PeerCaller {
  /** Whether every request says that this node stops. */
  leaving = false;
  readonly #options: PeerCallerOptions;
  readonly #fixedHeaders: Readonly<Record<string, string>>;
  /** The latest clock of each address that was called. */
  readonly #clocks = new Map<string, number>();
  /** Whose clock is refused, which is told once. */
  readonly #refused = new Set<string>();

  constructor(options: PeerCallerOptions) {
    this.#options = options;
    this.#fixedHeaders = {
      'x-artemis-replication': 'true',
      'x-artemis-node': options.identity.nodeId,
      'x-artemis-address': options.advertiseAddr,
      ...(options.secret === undefined ? {} : { authorization: `Bearer ${options.secret}` }),
    };
  }

  /** Rejects with a `TransportError` when there is no answer. */
  async call(peer: PeerTarget, request: Omit<PeerRequest, 'headers'>): Promise<PeerResponse> {
    const headers = {
      'x-artemis-run': this.#options.identity.runId,
      'x-artemis-clock': String(this.#options.clock.now()),
      ...this.#fixedHeaders,
      ...(this.leaving && { 'x-artemis-status': 'leaving' }),
      ...(peer.host !== undefined && { host: peer.host }),
    };
    const response = await this.#options.transport.call(peer.url, { headers, ...request });
    const stamp = stampIn(response.headers);
    if (stamp !== undefined) this.#clocks.set(peer.address, stamp);
    this.takeClock(peer.address, response.headers);
    return response;
  }

  /** Moves this node's clock past the one in the headers, unless that is too far ahead. */
  takeClock(peer: string, headers: RequestHeaders): void {
    const stamp = stampIn(headers);
    if (stamp === undefined) return;
    if (this.#options.clock.observe(stamp)) this.#refused.delete(peer);
    else this.#refuse(peer, stamp);
  }

  /** Moves this node's clock past the latest one of every peer again, after it was set back. */
  takeClocksAgain(): void {
    for (const stamp of this.#clocks.values()) this.#options.clock.observe(stamp);
  }

  /** Nothing is remembered of an address that is no peer any more. */
  forget(address: string): void {
    this.#clocks.delete(address);
    this.#refused.delete(address);
  }

  #refuse(peer: string, stamp: number): void {
    const first = !this.#refused.has(peer);
    if (first && this.#refused.size < rememberedRefusals) this.#refused.add(peer);
    this.#options.clockRefused(peer, stamp, first);
  }
}

function stampIn(headers: RequestHeaders): number | undefined {
  const text = headers['x-artemis-clock'];
  if (typeof text !== 'string' || !/^\d{1,16}$/.test(text)) return undefined;
  const stamp = Number(text);
  return Number.isSafeInteger(stamp) ? stamp : undefined;
}
