/** How long a record may live without a renewal, and when it last had one. */
export interface Lease {
  readonly key: string;
  readonly ttlMs: number;
  /**
   * The latest renewal that this node knows of, wherever it was accepted; monotonic ms. Ages are told from this, and an
   * orphan is judged by it: a fresh term renews nothing.
   */
  readonly renewedAtMs: number;
  /**
   * When the present term began: with the latest renewal, or later where the node was held up or started anew. In
   * lease time, which is monotonic time without the gaps in which this node could hear nobody.
   */
  readonly termFromMs: number;
  /** The latest register or heartbeat that a client itself made at this node, since this node's start; lease time. */
  readonly clientRenewedAtMs: number | undefined;
}

/** When the lease ends, in lease time. */
export function deadlineOf(lease: Pick<Lease, 'termFromMs' | 'ttlMs'>): number {
  return lease.termFromMs + lease.ttlMs;
}
