/** How long a record may live without a renewal, and when it last had one. All times are monotonic milliseconds. */
export interface Lease {
  readonly key: string;
  readonly ttlMs: number;
  /** The latest renewal that this node knows of, wherever it was accepted. */
  readonly renewedAtMs: number;
  /** The latest register or heartbeat that a client itself made at this node, since this node's start. */
  readonly clientRenewedAtMs: number | undefined;
}

/** When the lease ends, monotonic ms. */
export function deadlineOf(lease: Lease): number {
  return lease.renewedAtMs + lease.ttlMs;
}
