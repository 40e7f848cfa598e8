import type { DiscoveredInstance } from '../discovered-instance.js';

/** What a view held. */
export interface ServiceSnapshot {
  readonly serviceId: string;
  readonly instances: readonly DiscoveredInstance[];
  /** Unix ms at which it was known to be so. */
  readonly savedAtMs: number;
}

/** Where last known answers outlive the process. Failures are logged, and the client goes on without. */
export interface SnapshotStore {
  /** @param serviceId compared without regard to case */
  load(serviceId: string): Promise<ServiceSnapshot | undefined>;
  /** Replaces what was saved of the service before. */
  save(snapshot: ServiceSnapshot): Promise<void>;
}
