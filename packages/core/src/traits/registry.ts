import type { HeartbeatResponse, RegisterResponse, UnregisterResponse } from '../models/api.js';
import type { Change } from '../models/change.js';
import type { LeasesResponse } from '../models/leases.js';

/**
 * What clients do to instances. Items are taken as they came and checked one by one: one bad item does not fail the
 * others. Throws `ArtemisError('unavailable')` when this node cannot take writes.
 */
export interface Registry {
  /** Resolves when the records are committed to this node's store; never waits for a peer. */
  register(instances: readonly unknown[]): Promise<RegisterResponse>;
  heartbeat(instanceKeys: readonly unknown[]): HeartbeatResponse;
  unregister(instanceKeys: readonly unknown[]): Promise<UnregisterResponse>;
}

export interface LeaseInspector {
  leases(query: { serviceId?: string; cursor?: string; limit?: number }): LeasesResponse;
}

/** Called in the turn of the change. Notes what it needs and returns: it must neither await nor throw. */
export type ChangeListener = (change: Change) => void;

/** A node's numbered changes. */
export interface ChangeFeed {
  /** Names the run whose changes these are: node id and run id. */
  readonly logId: string;
  /** Number of the latest change, 0 before the first. */
  readonly revision: number;
  /** The changes after `revision`, oldest first; `undefined` when the log no longer reaches back so far. */
  since(revision: number): readonly Change[] | undefined;
  /** Listeners are called in the order in which they subscribed. */
  subscribe(listener: ChangeListener): () => void;
}
