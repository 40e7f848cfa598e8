import type { DiscoveredInstance, InstanceChange } from '../discovered-instance.js';
import type { Unsubscribe } from '../emitter.js';
import type { WaitOptions } from '../options.js';

export interface AllViewEvents {
  /** One by one, in order. The first answer counts as `new` for all that it holds. */
  change: InstanceChange;
  /** Whether what is held may be out of date: no node is being listened to. */
  stale: boolean;
}

/** All services, kept up to date. Iterating yields the changes from the call on; it ends when the view is closed. */
export interface AllView extends AsyncDisposable, AsyncIterable<InstanceChange> {
  /** Ids of the services that have an instance, as registered, sorted. */
  readonly serviceIds: readonly string[];
  /** Every instance of the service that the cluster shows, whatever its status. */
  instances(serviceId: string): readonly DiscoveredInstance[];
  readonly stale: boolean;
  /** Resolves when everything is known. Rejects with `aborted` or `closed`. */
  ready(options?: WaitOptions): Promise<void>;
  on<Name extends keyof AllViewEvents>(
    name: Name,
    listener: (event: AllViewEvents[Name]) => void,
  ): Unsubscribe;
  close(): Promise<void>;
}
