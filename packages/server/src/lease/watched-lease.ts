import type { Lease } from '@artemis/core';

/** What is known of a lease at a moment, with what is needed to watch it. */
export interface WatchedLease extends Lease {
  /** Whether this node owns the record. */
  readonly own: boolean;
  /** Whether news of it are told. */
  readonly watched: boolean;
  /** When peers were last asked for its age, lease time; `undefined`: not since this lease was granted. */
  readonly askedAtMs: number | undefined;
}
