import type { Clock, Random, Scheduler } from '@artemis/core';

/** The part of an HTTP answer that the client reads; a `Response` is one. */
export interface FetchedResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

export interface FetchOptions {
  readonly method: 'GET' | 'POST';
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** How an HTTP request is made; `globalThis.fetch` is one. Rejects when there is no answer. */
export type Fetch = (url: string, options: FetchOptions) => Promise<FetchedResponse>;

/** Why a socket is closed, or never opened. */
export interface SocketEnd {
  /** As RFC 6455 numbers them; 1006 when the connection broke or was never made. */
  readonly code: number;
  readonly reason: string;
  /** HTTP status of a refused upgrade, where the platform tells. */
  readonly status?: number;
  /** `Retry-After` of a refused upgrade in milliseconds, where the platform tells. */
  readonly retryAfterMs?: number;
}

/** What a socket tells whoever opened it. `closed` comes exactly once, and nothing after it. */
export interface SocketListener {
  opened(): void;
  message(text: string): void;
  closed(end: SocketEnd): void;
}

/** A WebSocket that carries text. */
export interface ClientSocket {
  /** Only between `opened` and `closed`. */
  send(text: string): void;
  /** Ends it cleanly; `closed` follows. May be called at any time, also again. */
  close(): void;
}

/**
 * Everything that the client takes from the outside: put it on simulated time and a simulated network and it runs in
 * a deterministic test. `systemEnvironment()` is the real one.
 */
export interface ClientEnvironment {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly fetch: Fetch;
  /** @param url `ws://` or `wss://`. Never throws: what goes wrong is told by `closed`, after it has returned. */
  openSocket(url: string, listener: SocketListener): ClientSocket;
}
