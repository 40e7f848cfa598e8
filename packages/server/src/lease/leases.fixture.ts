import type { VirtualTime } from '@artemis/core/testing';
import { LeaseClock } from './lease-clock.js';
import type { WatchedLease } from './manager.js';
import { LeaseManager } from './manager.js';

interface LeaseEvents {
  readonly due?: (leases: readonly WatchedLease[]) => void;
  readonly news?: (lease: WatchedLease) => void;
}

/** The leases of `node1`, watched, on a clock that takes no gap for a restart. */
export function leasesOn(
  { clock, scheduler }: Pick<VirtualTime, 'clock' | 'scheduler'>,
  { due = () => undefined, news = () => undefined }: LeaseEvents = {},
): { leases: LeaseManager; leaseClock: LeaseClock } {
  const leaseClock = new LeaseClock({
    clock,
    scheduler,
    restartAfterMs: Infinity,
    restarted: () => undefined,
  });
  const leases = new LeaseManager({ nodeId: 'node1', time: leaseClock, scheduler, due, news });
  leases.start();
  return { leases, leaseClock };
}
