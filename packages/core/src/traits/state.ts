import type { Cluster, PeerHandler } from './cluster.js';
import type { Discovery } from './discovery.js';
import type {
  ConfigInspector,
  Explainer,
  Health,
  NodeClock,
  RateLimiter,
  RequestMetrics,
} from './operations.js';
import type { LeaseInspector, Registry } from './registry.js';
import type { Clock, Logger, Random } from './runtime.js';

/** What the HTTP layer needs of a node, and all that it knows of it. */
export interface AppState {
  readonly registry: Registry;
  readonly discovery: Discovery;
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
  /** For latencies. */
  readonly time: Clock;
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
