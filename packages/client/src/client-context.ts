import type { ClientError } from './client-error.js';
import type { ClientEnvironment } from './environment.js';
import type { ClientLogger, ClientMetrics } from './options.js';
import type { SeenClock } from './transport/seen-clock.js';

/** What every part of one client shares. */
export interface ClientContext {
  readonly environment: ClientEnvironment;
  readonly logger: ClientLogger;
  readonly metrics: ClientMetrics;
  readonly seenClock: SeenClock;
  /** How long one try of one request may take. */
  readonly requestTimeoutMs: number;
  readonly region: string | undefined;
  readonly zone: string | undefined;
  /** Tells the caller of what no call of theirs is waiting for. */
  readonly report: (error: ClientError) => void;
  /** Takes what a listener of the caller threw. */
  readonly listenerFailed: (error: unknown) => void;
}
