/**
 * How one instance is chosen among those that can be called.
 *
 * - `round-robin`: each in turn, in an order of this view's own, so that many callers do not begin with the same one.
 * - `random`: each as likely as any other.
 * - `weighted`: by chance, in proportion to `metadata.weight`: a plain decimal number, 1 when it is missing or something
 *   else, 0 to be left out.
 * - `least-used`: the one with the fewest uses under way, as told by `use()`.
 * - `consistent-hash`: the same one for the same `key` in every process; when instances come and go, only the keys of
 *   these move. Weights count as for `weighted`.
 */
export type PickStrategy = 'round-robin' | 'random' | 'weighted' | 'least-used' | 'consistent-hash';

export interface PickOptions {
  /** Default `round-robin`; `consistent-hash` when a `key` is given. */
  readonly strategy?: PickStrategy;
  /** What `consistent-hash` goes by, and needs, for instance the id of a customer. No other strategy looks at it. */
  readonly key?: string;
  /**
   * Whether instances of the client's zone are preferred, then those of its region, then the others. Default true; but
   * false for `consistent-hash`, where clients of all zones have to agree.
   */
  readonly sameZoneFirst?: boolean;
}

/** What a call of an instance came to, as far as it tells whether the instance works. */
export type CallOutcome = 'success' | 'failure';
