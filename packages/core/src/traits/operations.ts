import type { ExplainResponse } from '../models/explain.js';
import type { InstanceKeyInput } from '../models/instance.js';
import type { ConfigResponse, Readiness } from '../models/node.js';

/** The node's clock as clients see it. */
export interface NodeClock {
  /** For `X-Artemis-Clock`: the newest stamp made or seen here. */
  stamp(): number;
  /** Takes a client's `X-Artemis-Clock`, clipped to the fastest clock of the cluster plus one second. */
  observeClient(stamp: number): void;
}

export interface Health {
  /** A reason why the process cannot serve, `undefined` when it can. */
  unhealthy(): string | undefined;
  readiness(): Readiness;
  /** Why this node does not answer clients what it holds, `undefined` when it does. */
  joining(): string | undefined;
  /** Whether this node is stopping. */
  readonly draining: boolean;
  /** Calls back once, when this node begins to stop. */
  onDrain(listener: () => void): () => void;
}

export interface RateDecision {
  readonly allowed: boolean;
  /** Milliseconds until a request would be let through; 0 when allowed. */
  readonly retryAfterMs: number;
}

export interface RateLimiter {
  take(clientAddress: string): RateDecision;
}

export interface RequestMetrics {
  /** @param route the path of the route table, never the raw one: unknown paths count as `unmatched` */
  observe(request: { method: string; route: string; status: number; seconds: number }): void;
  /** Prometheus text format and its content type. */
  render(): Promise<{ contentType: string; text: string }>;
}

/** What watchers are and wait for, read when somebody scrapes. */
export interface PushGauges {
  readonly sessions: number;
  /** Services watched by name, over all sessions. */
  readonly subscriptions: number;
  /** Sessions that watch all services. */
  readonly watchersOfAll: number;
  /** Sessions that do not take what they are sent as fast as it comes. */
  readonly slowSessions: number;
  /** Changes that wait for slow sessions, counted once for each. */
  readonly waitingChanges: number;
  /** Requests held by `wait`. */
  readonly heldRequests: number;
}

/** Why a session of push ended. */
export type SessionEnd = 'closed' | 'idle' | 'draining' | 'broken';

export interface PushMetrics {
  /** Where the gauges come from; every source adds to the others. */
  source(read: () => Partial<PushGauges>): void;
  /** Messages of one type that went out. */
  sent(type: string, messages: number): void;
  received(type: string): void;
  /** A message was made of changes, for however many sessions. */
  encoded(changes: number): void;
  /** A slow session lost its place: of one service, or of all. */
  reloaded(watch: 'service' | 'all'): void;
  ended(reason: SessionEnd): void;
}

export interface ConfigInspector {
  /** Effective values, secrets hidden. */
  describe(): ConfigResponse;
}

export interface Explainer {
  /** Why this node lists an instance, or does not. */
  explain(instanceKey: InstanceKeyInput): ExplainResponse;
}
