import type { VirtualTime } from '@artemis/core/testing';
import type { Slots } from '../registry/record-table.js';
import { LeaseClock } from './lease-clock.js';
import { LeaseManager } from './manager.js';

interface LeaseEvents {
  readonly due?: (keys: readonly string[]) => void;
  readonly news?: (key: string) => void;
}

/** The leases of the records in a table of `node1`, watched, on a clock that takes no gap for a restart. */
export function leasesOn(
  slots: Slots,
  { clock, scheduler }: Pick<VirtualTime, 'clock' | 'scheduler'>,
  { due = () => undefined, news = () => undefined }: LeaseEvents = {},
): { leases: LeaseManager; leaseClock: LeaseClock } {
  const leaseClock = new LeaseClock({
    clock,
    scheduler,
    restartAfterMs: Infinity,
    restarted: () => undefined,
  });
  const leases = new LeaseManager({ nodeId: 'node1', time: leaseClock, scheduler, slots, due, news });
  leases.start();
  return { leases, leaseClock };
}
