import type { HybridClock, PeerRequest, PeerResponse, PeerTransport, RequestHeaders } from '@artemis/core';
import type { Identity } from '../identity.js';
import type { Peer } from './peer.js';

interface PeerCallerOptions {
  readonly identity: Identity;
  /** Where peers reach this node, HOST:PORT. */
  readonly advertiseAddr: string;
  readonly secret: string | undefined;
  readonly clock: HybridClock;
  readonly transport: PeerTransport;
  /** A peer's clock is too far ahead to be followed. */
  readonly clockRefused: (peer: string, stamp: number) => void;
}

/** Calls peers as this node: every request says who sends it, and every clock that comes back is taken in. */
export class PeerCaller {
  readonly #options: PeerCallerOptions;
  readonly #fixedHeaders: Readonly<Record<string, string>>;

  constructor(options: PeerCallerOptions) {
    this.#options = options;
    this.#fixedHeaders = {
      'x-artemis-replication': 'true',
      'x-artemis-node': options.identity.nodeId,
      'x-artemis-run': options.identity.runId,
      'x-artemis-address': options.advertiseAddr,
      ...(options.secret === undefined ? {} : { authorization: `Bearer ${options.secret}` }),
    };
  }

  /** Rejects with a `TransportError` when there is no answer. */
  async call(peer: Peer, request: Omit<PeerRequest, 'headers'>): Promise<PeerResponse> {
    const headers = { ...this.#fixedHeaders, 'x-artemis-clock': String(this.#options.clock.now()) };
    const response = await this.#options.transport.call(peer.url, { ...request, headers });
    this.takeClock(peer.address, response.headers);
    return response;
  }

  /** Moves this node's clock past the one in the headers, unless that is too far ahead. */
  takeClock(peer: string, headers: RequestHeaders): void {
    const stamp = stampIn(headers);
    if (stamp === undefined || this.#options.clock.observe(stamp)) return;
    this.#options.clockRefused(peer, stamp);
  }
}

function stampIn(headers: RequestHeaders): number | undefined {
  const text = headers['x-artemis-clock'];
  if (typeof text !== 'string' || !/^\d{1,16}$/.test(text)) return undefined;
  const stamp = Number(text);
  return Number.isSafeInteger(stamp) ? stamp : undefined;
}
