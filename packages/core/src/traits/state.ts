import type { Cluster, PeerHandler } from './cluster.js';
import type { Discovery, Snapshots } from './discovery.js';
import type {
  ConfigInspector,
  Explainer,
  Health,
  NodeClock,
  PushMetrics,
  RateLimiter,
  RequestMetrics,
} from './operations.js';
import type { ChangeFeed, LeaseInspector, Registry } from './registry.js';
import type { Clock, Logger, Random, Scheduler } from './runtime.js';

/** What the HTTP layer needs of a node, and all that it knows of it. */
export interface AppState {
  readonly registry: Registry;
  readonly discovery: Discovery;
  /** What watchers begin with. */
  readonly snapshots: Snapshots;
  /** What watchers follow. */
  readonly changes: ChangeFeed;
  readonly cluster: Cluster;
  readonly peers: PeerHandler;
  readonly leases: LeaseInspector;
  readonly explainer: Explainer;
  readonly clock: NodeClock;
  readonly health: Health;
  readonly limiter: RateLimiter;
  readonly metrics: RequestMetrics;
  readonly config: ConfigInspector;
  readonly http: HttpSettings;
  readonly push: PushSettings;
  readonly pushMetrics: PushMetrics;
  /** For latencies and time-outs. */
  readonly time: Clock;
  readonly scheduler: Scheduler;
  /** For request ids. */
  readonly random: Random;
  readonly logger: Logger;
}

export interface HttpSettings {
  readonly nodeId: string;
  /** Largest request body, inflated. */
  readonly maxBodyBytes: number;
  readonly allowedOrigins: readonly string[];
  /** Whether `X-Forwarded-For` names the client. */
  readonly trustProxy: boolean;
}

/** The `[push]` section of the configuration. */
export interface PushSettings {
  readonly maxSessions: number;
  /** Services that one session may watch by name. */
  readonly maxSubscriptions: number;
  readonly maxFrameBytes: number;
  /** Changes that may wait for a slow watch. */
  readonly queueLimit: number;
  readonly pingIntervalMs: number;
  readonly idleTimeoutMs: number;
}
