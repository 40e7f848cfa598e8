import type { PeerResponse, PeerTransport } from '../traits/runtime.js';
import { TransportError, type TransportFailure } from '../traits/runtime.js';

/** What the far end of a transport does with each request. */
export type PeerBehaviour =
  /** Answers 200 with a {@link ReceivedRequest} as JSON, after `delayMs` if given. */
  | { readonly kind: 'echo'; readonly delayMs?: number }
  /** Answers exactly this, nothing added but what HTTP itself adds. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly text?: string;
    }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Takes the request and breaks the connection. */
  | { readonly kind: 'reset' }
  /** Does not listen. */
  | { readonly kind: 'refuse' };

/** A request as the far end saw it. */
export interface ReceivedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** Parsed JSON; absent when there was none. */
  readonly body?: unknown;
}

/** A transport and a far end that can be told how to behave. A new pair for each case. */
export interface TransportHarness {
  readonly transport: PeerTransport;
  readonly peerUrl: string;
  /** Longest answer that the transport takes, in bytes: small, so that a case can exceed it. */
  readonly maxAnswerBytes: number;
  setBehaviour(behaviour: PeerBehaviour): Promise<void>;
  /** Oldest first. */
  requests(): readonly ReceivedRequest[];
  /** Waits for a call. A simulation moves its time here; real time passes by itself. */
  settle<T>(call: Promise<T>): Promise<T>;
}

export interface TransportCase {
  readonly name: string;
  /** Rejects when the transport does not do as {@link PeerTransport} says. */
  run(harness: TransportHarness): Promise<void>;
}

/** Throws unless both are the same JSON. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`${what}: expected ${wanted}, got ${got}`);
}

/** Waits for a call that must fail with this kind and name the peer. */
export async function expectFailure(
  harness: TransportHarness,
  call: Promise<PeerResponse>,
  kind: TransportFailure,
): Promise<void> {
  const outcome = await harness.settle(
    call.then(
      (response) => new Error(`expected the failure ${kind}, got status ${response.status}`),
      (error: unknown) => error,
    ),
  );
  if (!(outcome instanceof TransportError)) throw outcome;
  expectSame(outcome.kind, kind, `kind of "${outcome.message}"`);
  if (!outcome.message.includes(harness.peerUrl)) {
    throw new Error(`the error does not name the peer ${harness.peerUrl}: ${outcome.message}`);
  }
}
