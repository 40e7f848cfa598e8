import type { DiscoveredInstance, InstanceChange } from '../discovered-instance.js';
import type { Unsubscribe } from '../emitter.js';
import type { WaitOptions } from '../options.js';
import type { CallOutcome, PickOptions } from '../balance/pick-options.js';

export interface ServiceViewEvents {
  /** In the order in which they happened; never empty. The first answer counts as `new` for all that it holds. */
  change: { readonly changes: readonly InstanceChange[]; readonly instances: readonly DiscoveredInstance[] };
  /** Whether what is held may be out of date: no node is being listened to. */
  stale: boolean;
}

/** One service, kept up to date. */
export interface ServiceView extends AsyncDisposable {
  readonly serviceId: string;
  /**
   * Every instance that the cluster shows, whatever its status; `pick()` offers those that are `up`. The same array
   * until something changes; empty before the first answer.
   */
  readonly instances: readonly DiscoveredInstance[];
  /** Whether `instances` is the last known answer only: no node is being listened to, or none has answered yet. */
  readonly stale: boolean;
  /**
   * Resolves when an answer is there: of a node, or the stored one when no node answers within the request time-out.
   * Waits as long as that takes. Rejects with `aborted` or `closed`.
   */
  ready(options?: WaitOptions): Promise<void>;
  on<Name extends keyof ServiceViewEvents>(
    name: Name,
    listener: (event: ServiceViewEvents[Name]) => void,
  ): Unsubscribe;
  /** One of the instances to call, `undefined` when none is up. */
  pick(options?: PickOptions): DiscoveredInstance | undefined;
  /** Tells what a call came to: an instance that keeps failing is left out for a while. */
  report(instance: DiscoveredInstance, outcome: CallOutcome): void;
  /** Counts a use of the instance, for `least-used`, until it is disposed of: `using call = view.use(instance)`. */
  use(instance: DiscoveredInstance): Disposable;
  /** Ends the watch. The view is shared: it ends for all who asked for it. */
  close(): Promise<void>;
}
