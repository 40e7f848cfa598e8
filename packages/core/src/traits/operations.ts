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

export interface ConfigInspector {
  /** Effective values, secrets hidden. */
  describe(): ConfigResponse;
}

export interface Explainer {
  /** Why this node lists an instance, or does not. */
  explain(instanceKey: InstanceKeyInput): ExplainResponse;
}
