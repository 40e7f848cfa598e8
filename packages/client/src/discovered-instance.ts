import type { Instance, InstanceChange as WireChange } from '@artemis/core';

/** An instance as discovery shows it. Never changed in place. */
export interface DiscoveredInstance extends Instance {
  /** `true` when the node cannot vouch for its lease: to be chosen only when nothing else is left. */
  readonly unconfirmed?: boolean;
}

/** One step of a view. */
export interface InstanceChange {
  readonly change_type: 'new' | 'change' | 'delete';
  /** What is shown now; of a `delete`, what was shown last. */
  readonly instance: DiscoveredInstance;
  /** RFC 3339, UTC: when the node saw it; of what changed while nobody listened, when this client learnt of it. */
  readonly change_time: string;
  /** Of the change log of the node that told it. */
  readonly revision: number;
  /** Absent when the change happened while nobody listened, and when the view first learns what there is. */
  readonly reason?: WireChange['reason'];
}
