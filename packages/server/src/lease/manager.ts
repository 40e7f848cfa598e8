import type { Cancel, Change, Lease, Scheduler } from '@artemis/core';
import { deadlineOf } from '@artemis/core';
import type { LeaseClock } from './lease-clock.js';
import { TimingWheel } from './wheel.js';

const tickMs = 250;
/** Leases looked at in one turn, which is little work for each: more would hold up requests. */
const looksPerTurn = 10_000;
/** Part of its term after which a lease of another node's record is looked at: renewals seem not to come through. */
const oldPart = 0.7;

/** Older than anything is kept; a greater age would outgrow the whole numbers in which it is told to others. */
const highestAgeMs = 365 * 24 * 3_600_000;

/** A lease with what is needed to watch it. */
export interface WatchedLease extends Lease {
  /** Whether this node owns the record. */
  readonly own: boolean;
  /** Whether news of it are told. */
  watched: boolean;
  /** When peers were last asked for its age, lease time; `undefined`: not since this lease was granted. */
  askedAtMs: number | undefined;
}

interface HeldLease extends WatchedLease {
  ttlMs: number;
  own: boolean;
  renewedAtMs: number;
  termFromMs: number;
  clientRenewedAtMs: number | undefined;
  /** Where the wheel holds the key; `undefined` when it does not. */
  slot: number | undefined;
}

interface LeaseManagerOptions {
  readonly nodeId: string;
  readonly time: LeaseClock;
  readonly scheduler: Scheduler;
  /**
   * Called every quarter of a second with all leases that have ended since, and those of other nodes' records that have
   * become old. None of them is looked at again before {@link LeaseManager.lookAgain} is called or it is renewed.
   */
  readonly due: (leases: readonly WatchedLease[]) => void;
  /** A lease that was due, or is watched, was renewed or told of by a peer. Changes of its record are not told. */
  readonly news: (lease: WatchedLease) => void;
}

/**
 * The leases of all live records. A lease is granted and revoked by the change log, renewed by heartbeats here or at
 * peers, and handed to `due` within half a second of its end.
 */
export class LeaseManager {
  readonly #options: LeaseManagerOptions;
  readonly #time: LeaseClock;
  readonly #leases = new Map<string, HeldLease>();
  readonly #wheel: TimingWheel;
  #taken: { slot: number; keys: readonly string[]; next: number } | undefined;
  #due: HeldLease[] = [];
  #cancels: Cancel[] = [];
  #continuing: Cancel | undefined;

  constructor(options: LeaseManagerOptions) {
    this.#options = options;
    this.#time = options.time;
    this.#wheel = new TimingWheel(this.#time.nowMs(), tickMs);
  }

  start(): void {
    this.#cancels.push(this.#options.scheduler.every(tickMs, () => this.#turn()));
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
    this.#continuing?.();
    this.#time.stop();
  }

  get size(): number {
    return this.#leases.size;
  }

  /** Listener of the change log. */
  onChange(change: Change): void {
    if (change.origin === 'view') return;
    if (change.record.state === 'alive') this.#grant(change);
    else this.#leases.delete(change.record.key);
  }

  /** A client renewed the lease at this node. */
  renewByClient(key: string): void {
    const lease = this.#leases.get(key);
    if (lease === undefined) return;
    lease.renewedAtMs = this.#time.monotonicMs();
    lease.termFromMs = this.#time.nowMs();
    lease.clientRenewedAtMs = lease.termFromMs;
    if (lease.watched) this.#tell(lease);
  }

  /** A peer tells of a renewal `ageMs` ago. An older one than is known changes nothing. */
  renewByPeer(key: string, ageMs: number): void {
    const lease = this.#leases.get(key);
    if (lease === undefined) return;
    this.#renew(lease, ageMs);
    if (lease.watched) this.#tell(lease);
  }

  /** Ends a lease whose record was dropped. */
  forget(key: string): void {
    this.#leases.delete(key);
  }

  get(key: string): WatchedLease | undefined {
    return this.#leases.get(key);
  }

  /** Milliseconds since the latest renewal that this node knows of; 0 when there is no lease. */
  ageMs(key: string): number {
    const lease = this.#leases.get(key);
    return lease === undefined ? 0 : Math.max(0, Math.round(this.#time.monotonicMs() - lease.renewedAtMs));
  }

  /**
   * Milliseconds since a client itself registered or renewed the key at this node; `undefined` when that was longer
   * ago than the lease, or never since this node's start. A node that has an answer refuses expiries by others.
   */
  clientAgeMs(key: string): number | undefined {
    const lease = this.#leases.get(key);
    if (lease?.clientRenewedAtMs === undefined) return undefined;
    const age = Math.round(this.#time.nowMs() - lease.clientRenewedAtMs);
    return age < lease.ttlMs ? age : undefined;
  }

  /** Hands the lease to `due` at that lease time, unless it is young again by then. */
  lookAgain(key: string, atMs: number): void {
    const lease = this.#leases.get(key);
    if (lease !== undefined) this.#plan(lease, atMs);
  }

  /**
   * Gives every lease a term that begins now, as after a start: for so long nobody could renew here. Ages stay what they
   * are.
   */
  freshTerms(): void {
    const now = this.#time.nowMs();
    for (const lease of this.#leases.values()) this.#refresh(lease, now);
  }

  /**
   * The node is as good as started anew at that lease time: fresh terms, and what clients did here before counts no
   * more.
   *
   * @returns keys of which nothing was heard since
   */
  restart(sinceMs: number): string[] {
    const now = this.#time.nowMs();
    const unheard: string[] = [];
    for (const lease of this.#leases.values()) {
      if (lease.termFromMs >= sinceMs) continue;
      lease.clientRenewedAtMs = undefined;
      this.#refresh(lease, now);
      unheard.push(lease.key);
    }
    return unheard;
  }

  #grant({ record, origin, ageMs, byClient }: Change): void {
    const { key, version, leaseTtlMs } = record;
    const held = this.#leases.get(key);
    const lease: HeldLease = held ?? {
      key,
      ttlMs: leaseTtlMs,
      own: false,
      renewedAtMs: -Infinity,
      // What is read back from the store could not be renewed while the node was down.
      termFromMs: origin === 'recovery' ? this.#time.nowMs() : -Infinity,
      clientRenewedAtMs: undefined,
      slot: undefined,
      watched: false,
      askedAtMs: undefined,
    };
    lease.ttlMs = leaseTtlMs;
    lease.own = version.owner === this.#options.nodeId;
    this.#renew(lease, ageMs);
    if (byClient) lease.clientRenewedAtMs = this.#time.nowMs();
    if (held === undefined) this.#leases.set(key, lease);
    this.#plan(lease, dueAt(lease));
  }

  #renew(lease: HeldLease, toldAgeMs: number): void {
    const ageMs = Math.min(toldAgeMs, highestAgeMs);
    lease.renewedAtMs = Math.max(lease.renewedAtMs, this.#time.monotonicMs() - ageMs);
    lease.termFromMs = Math.max(lease.termFromMs, this.#time.nowMs() - ageMs);
  }

  #refresh(lease: HeldLease, now: number): void {
    lease.termFromMs = Math.max(lease.termFromMs, now);
    this.#plan(lease, dueAt(lease));
    if (lease.watched) this.#tell(lease);
  }

  #tell(lease: HeldLease): void {
    if (lease.slot === undefined) this.#plan(lease, dueAt(lease));
    this.#options.news(lease);
  }

  /** A time put off is found out when the old slot is taken; only one brought forward needs a new place. */
  #plan(lease: HeldLease, atMs: number): void {
    const slot = this.#wheel.slotOf(atMs);
    if (lease.slot !== undefined && lease.slot <= slot) return;
    lease.slot = this.#wheel.add(lease.key, atMs);
  }

  #turn(): void {
    this.#time.tick();
    if (this.#continuing === undefined) this.#look();
  }

  /** Looks at all leases whose time has come before any of them is handed on: a mass lapse must be seen as one. */
  #look(): void {
    this.#continuing = undefined;
    let budget = looksPerTurn;
    for (;;) {
      this.#taken ??= this.#nextSlot();
      if (this.#taken === undefined) break;
      const { slot, keys } = this.#taken;
      const end = Math.min(keys.length, this.#taken.next + budget);
      budget -= end - this.#taken.next;
      for (; this.#taken.next < end; this.#taken.next += 1)
        this.#lookAt(keys[this.#taken.next] as string, slot);
      if (end === keys.length) this.#taken = undefined;
      if (budget > 0) continue;
      this.#continuing = this.#options.scheduler.soon(() => this.#look());
      return;
    }
    const due = this.#due;
    this.#due = [];
    this.#options.due(due);
  }

  #nextSlot(): { slot: number; keys: readonly string[]; next: number } | undefined {
    const taken = this.#wheel.take(this.#time.nowMs());
    return taken === undefined ? undefined : { ...taken, next: 0 };
  }

  #lookAt(key: string, slot: number): void {
    const lease = this.#leases.get(key);
    if (lease?.slot !== slot) return;
    lease.slot = undefined;
    const at = dueAt(lease);
    if (at > this.#time.nowMs()) {
      this.#plan(lease, at);
      return;
    }
    lease.watched = true;
    this.#due.push(lease);
  }
}

/** When something is to be done about a lease that nobody renews. */
function dueAt(lease: WatchedLease): number {
  return lease.own ? deadlineOf(lease) : lease.termFromMs + oldPart * lease.ttlMs;
}
