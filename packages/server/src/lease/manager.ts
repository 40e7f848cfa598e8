import type { Cancel, Change, Clock, Lease, Scheduler } from '@artemis/core';
import { deadlineOf } from '@artemis/core';
import { TimingWheel } from './wheel.js';

const tickMs = 250;
/** Lapsed leases looked at in one turn: more would hold up requests. */
const perTurn = 500;

interface HeldLease extends Lease {
  ttlMs: number;
  renewedAtMs: number;
  clientRenewedAtMs: number | undefined;
  /** Where the wheel holds the key; `undefined` when it lapsed and is not this node's to expire. */
  slot: number | undefined;
}

interface LeaseManagerOptions {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /**
   * Called for a lease that has ended, again after each change of its record. Only the owner of the record expires it:
   * whether this node is the owner is the callee's to know.
   */
  readonly lapsed: (key: string) => void;
}

/**
 * The leases of all live records, by monotonic time. A lease is granted and revoked by the change log, renewed by
 * heartbeats here or at peers, and handed to `lapsed` within half a second of its end.
 */
export class LeaseManager {
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #lapsed: (key: string) => void;
  readonly #leases = new Map<string, HeldLease>();
  readonly #wheel: TimingWheel;
  #due: { slot: number; keys: readonly string[]; next: number } | undefined;
  #cancels: Cancel[] = [];

  constructor({ clock, scheduler, lapsed }: LeaseManagerOptions) {
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#lapsed = lapsed;
    this.#wheel = new TimingWheel(clock.monotonicMs(), tickMs);
  }

  start(): void {
    this.#cancels.push(this.#scheduler.every(tickMs, () => this.#turn()));
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
  }

  get size(): number {
    return this.#leases.size;
  }

  /** Listener of the change log. */
  onChange(change: Change): void {
    const { record } = change;
    if (record.state === 'alive') this.#grant(record.key, record.leaseTtlMs, change);
    else this.#leases.delete(record.key);
  }

  /** A client renewed the lease at this node. */
  renewByClient(key: string): void {
    const lease = this.#leases.get(key);
    if (lease === undefined) return;
    lease.renewedAtMs = this.#clock.monotonicMs();
    lease.clientRenewedAtMs = lease.renewedAtMs;
  }

  /** A peer tells of a renewal `ageMs` ago. An older one than is known changes nothing. */
  renewByPeer(key: string, ageMs: number): void {
    const lease = this.#leases.get(key);
    if (lease === undefined) return;
    lease.renewedAtMs = Math.max(lease.renewedAtMs, this.#clock.monotonicMs() - ageMs);
  }

  get(key: string): Lease | undefined {
    return this.#leases.get(key);
  }

  /** Milliseconds since the latest renewal that this node knows of; 0 when there is no lease. */
  ageMs(key: string): number {
    const lease = this.#leases.get(key);
    return lease === undefined ? 0 : Math.max(0, Math.round(this.#clock.monotonicMs() - lease.renewedAtMs));
  }

  /**
   * Milliseconds since a client itself registered or renewed the key at this node; `undefined` when that was longer
   * ago than the lease, or never since this node's start. A node that has an answer refuses expiries by others.
   */
  clientAgeMs(key: string): number | undefined {
    const lease = this.#leases.get(key);
    if (lease?.clientRenewedAtMs === undefined) return undefined;
    const age = Math.round(this.#clock.monotonicMs() - lease.clientRenewedAtMs);
    return age < lease.ttlMs ? age : undefined;
  }

  #grant(key: string, ttlMs: number, { ageMs, byClient }: Change): void {
    const now = this.#clock.monotonicMs();
    const held = this.#leases.get(key);
    const lease: HeldLease = held ?? {
      key,
      ttlMs,
      renewedAtMs: now - ageMs,
      clientRenewedAtMs: undefined,
      slot: undefined,
    };
    lease.ttlMs = ttlMs;
    lease.renewedAtMs = Math.max(lease.renewedAtMs, now - ageMs);
    if (byClient) lease.clientRenewedAtMs = now;
    if (held === undefined) this.#leases.set(key, lease);
    this.#plan(lease);
  }

  /** A deadline put off is found out when the old slot is taken; only one brought forward needs a new place. */
  #plan(lease: HeldLease): void {
    const slot = this.#wheel.slotOf(deadlineOf(lease));
    if (lease.slot !== undefined && lease.slot <= slot) return;
    lease.slot = this.#wheel.add(lease.key, deadlineOf(lease));
  }

  #turn(): void {
    if (this.#due !== undefined) return;
    this.#continue();
  }

  #continue(): void {
    let budget = perTurn;
    while (budget > 0) {
      this.#due ??= this.#nextSlot();
      if (this.#due === undefined) return;
      const { slot, keys } = this.#due;
      const end = Math.min(keys.length, this.#due.next + budget);
      budget -= end - this.#due.next;
      for (; this.#due.next < end; this.#due.next += 1) this.#look(keys[this.#due.next] as string, slot);
      if (end === keys.length) this.#due = undefined;
    }
    this.#cancels[1]?.();
    this.#cancels[1] = this.#scheduler.soon(() => this.#continue());
  }

  #nextSlot(): { slot: number; keys: readonly string[]; next: number } | undefined {
    const taken = this.#wheel.take(this.#clock.monotonicMs());
    return taken === undefined ? undefined : { ...taken, next: 0 };
  }

  #look(key: string, slot: number): void {
    const lease = this.#leases.get(key);
    if (lease?.slot !== slot) return;
    lease.slot = undefined;
    if (deadlineOf(lease) > this.#clock.monotonicMs()) this.#plan(lease);
    else this.#lapsed(key);
  }
}
