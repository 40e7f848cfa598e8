/**
 * How one instance is chosen among those that can be called.
 *
 * - `random`: each as likely as any other.
 * - `round-robin`: each in turn, in an order of this view's own, so that many callers do not begin with the same one.
 * - `weighted`: by chance in proportion to `metadata.weight`, see {@link weightOf}.
 * - `least-used`: the one with the fewest calls under way, as told by `use()`.
 * - `consistent-hash`: the same one for the same `key` in every process; when instances come and go, only the keys of
 *   these move. Weights count as for `weighted`.
 */
export type PickStrategy = 'random' | 'round-robin' | 'weighted' | 'least-used' | 'consistent-hash';

export interface PickOptions {
  /** Default `random`; `consistent-hash` when a `key` is given. */
  readonly strategy?: PickStrategy;
  /** What `consistent-hash` goes by, for instance the id of a customer. The other strategies do not look at it. */
  readonly key?: string;
  /**
   * Whether instances of the caller's zone are preferred, then those of its region, then the others. Default: true when
   * the client was told its region or zone, but false for `consistent-hash`, where callers of all zones have to agree.
   */
  readonly sameZoneFirst?: boolean;
}

/** How a call of an instance went. */
export type CallOutcome = 'success' | 'failure';
