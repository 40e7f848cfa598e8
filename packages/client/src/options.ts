import type { Logger } from '@artemis/core';
import type { ClientEnvironment } from './environment.js';
import type { SnapshotStore } from './snapshots/snapshot-store.js';

/** Where the client writes what an operator wants to know; `console` is one. */
export type ClientLogger = Logger;

/** What the client counts. */
export type ClientCounter =
  | 'connections'
  | 'connections_lost'
  | 'requests'
  | 'requests_failed'
  | 'registrations'
  | 'registrations_lost'
  | 'changes'
  | 'snapshots'
  | 'resumes';

/** Where the client counts. */
export interface ClientMetrics {
  /** @param labels few values each: `node`, `transport`, `outcome` */
  increment(name: ClientCounter, by: number, labels?: Readonly<Record<string, string>>): void;
}

/**
 * - `auto`: a WebSocket where one can be had, else HTTP with long polls, and sockets tried again later
 * - `websocket`, `http`: only this
 */
export type ClientTransport = 'auto' | 'websocket' | 'http';

export interface ClientOptions {
  /** Base URLs of nodes, `http://HOST:PORT`; all of one cluster. One is enough: the cluster names the others. */
  readonly urls?: readonly string[];
  /** One more of them, for those who have but one address, of a load balancer perhaps. */
  readonly bootstrapUrl?: string;
  /** Where this program runs: nodes and instances of the region are preferred, and it is the default of `register`. */
  readonly region?: string;
  /** As `region`; those of the zone are preferred to those of the region. */
  readonly zone?: string;
  /** Default `auto`. */
  readonly transport?: ClientTransport;
  /** Between two heartbeats, ms. Default: a third of the shortest lease that is kept, 10 000 for the default lease. */
  readonly heartbeatIntervalMs?: number;
  /** How long one try of one request may take, ms. Default 5 000. */
  readonly requestTimeoutMs?: number;
  /** Between two questions for the nodes of the cluster, ms; 0: the given URLs are all there is. Default 30 000. */
  readonly nodeRefreshIntervalMs?: number;
  /** Keeps the last known answers, for a start at which no node answers. Default: they are not kept. */
  readonly snapshots?: SnapshotStore;
  /** Default: says nothing. */
  readonly logger?: ClientLogger;
  /** Default: counts nothing. */
  readonly metrics?: ClientMetrics;
  /** Default: the real one. */
  readonly environment?: ClientEnvironment;
  /** Closes the client when it is aborted. */
  readonly signal?: AbortSignal;
}

/** For a call that waits. */
export interface WaitOptions {
  /** Ends the wait: the call rejects with `aborted`. */
  readonly signal?: AbortSignal;
}
