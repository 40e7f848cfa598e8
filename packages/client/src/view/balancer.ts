import type { Clock, Random } from '@artemis/core';
import type { DiscoveredInstance } from '../discovered-instance.js';

/** How one of several instances is chosen. */
export type PickStrategy = 'random' | 'round-robin' | 'weighted' | 'least-used' | 'consistent-hash';

export interface PickOptions {
  /** Default `round-robin`. */
  readonly strategy?: PickStrategy;
  /** For `consistent-hash`, which needs it: equal keys get the same instance while it is there. */
  readonly key?: string;
  /** Instances of the zone of the client, else of its region, before all others. Default true. */
  readonly sameZoneFirst?: boolean;
}

/** What a call of an instance came to, as far as it tells whether the instance works. */
export type CallOutcome = 'success' | 'failure';

/** Chooses for one view, and remembers what its choices came to. */
export interface Balancer {
  /**
   * One of those that are `up`; unconfirmed ones, and those left out for their failures, only when nothing else is
   * left. `undefined` when nothing is up.
   *
   * @param instances all that the view holds, the same array until something changes
   */
  pick(instances: readonly DiscoveredInstance[], options: PickOptions): DiscoveredInstance | undefined;
  report(instance: DiscoveredInstance, outcome: CallOutcome): void;
  /** Counts a use for `least-used` until it is disposed of. */
  use(instance: DiscoveredInstance): Disposable;
}

/** What a balancer takes from the client. */
export interface BalancerContext {
  readonly clock: Clock;
  readonly random: Random;
  /** Where the client runs. */
  readonly region: string | undefined;
  readonly zone: string | undefined;
}
