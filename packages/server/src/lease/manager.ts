import type { Cancel, Change, Scheduler } from '@artemis/core';
import type { Slots } from '../registry/record-table.js';
import type { LeaseClock } from './lease-clock.js';
import { held, LeaseRows, own, time, watched } from './lease-rows.js';
import type { WatchedLease } from './watched-lease.js';
import type { DueSlot } from './wheel.js';
import { TimingWheel } from './wheel.js';

const tickMs = 250;
/** Leases looked at in one turn, which is little work for each: more would hold up requests. */
const looksPerTurn = 5000;
/** Part of its term after which a lease of another node's record is looked at: renewals seem not to come through. */
const oldPart = 0.7;

/** Older than anything is kept; a greater age would outgrow the whole numbers in which it is told to others. */
const highestAgeMs = 365 * 24 * 3_600_000;

interface LeaseManagerOptions {
  readonly nodeId: string;
  readonly time: LeaseClock;
  readonly scheduler: Scheduler;
  /** Of the table whose records the leases belong to. */
  readonly slots: Slots;
  /**
   * Called every quarter of a second with the keys of all leases that have ended since, and of those of other nodes'
   * records that have become old. None of them is looked at again before {@link LeaseManager.lookAgain} is called or it
   * is renewed.
   */
  readonly due: (keys: readonly string[]) => void;
  /** A lease that was due, or is watched, was renewed or told of by a peer. Changes of its record are not told. */
  readonly news: (key: string) => void;
}

/**
 * The leases of all live records. A lease is granted and revoked by the change log, renewed by heartbeats here or at
 * peers, and handed to `due` within half a second of its end.
 */
export class LeaseManager {
  readonly #options: LeaseManagerOptions;
  readonly #time: LeaseClock;
  readonly #slots: Slots;
  readonly #rows = new LeaseRows();
  readonly #wheel: TimingWheel;
  #size = 0;
  #taken: (DueSlot & { next: number }) | undefined;
  #due: string[] = [];
  #cancels: Cancel[] = [];
  #continuing: Cancel | undefined;

  constructor(options: LeaseManagerOptions) {
    this.#options = options;
    this.#time = options.time;
    this.#slots = options.slots;
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
    return this.#size;
  }

  /** Listener of the change log. */
  onChange(change: Change): void {
    if (change.origin === 'view') return;
    if (change.record.state === 'alive') this.#grant(change);
    else this.forget(change.record.key);
  }

  /** A client renewed the lease at this node. */
  renewByClient(key: string): void {
    const slot = this.#slotOf(key);
    if (slot === undefined) return;
    const now = this.#time.monotonicMs();
    const termFromMs = this.#time.leaseMs(now);
    this.#rows.setTime(slot, time.renewed, now);
    this.#rows.setTime(slot, time.termFrom, termFromMs);
    this.#rows.setTime(slot, time.clientRenewed, termFromMs);
    if (this.#rows.has(slot, watched)) this.#tell(slot);
  }

  /** A peer tells of a renewal `ageMs` ago. An older one than is known changes nothing. */
  renewByPeer(key: string, ageMs: number): void {
    const slot = this.#slotOf(key);
    if (slot === undefined) return;
    this.#renew(slot, ageMs);
    if (this.#rows.has(slot, watched)) this.#tell(slot);
  }

  /** Ends a lease whose record is to be dropped, or was replaced by a tombstone. */
  forget(key: string): void {
    const slot = this.#slotOf(key);
    if (slot === undefined) return;
    this.#rows.clear(slot);
    this.#size -= 1;
  }

  get(key: string): WatchedLease | undefined {
    const slot = this.#slotOf(key);
    if (slot === undefined) return undefined;
    const rows = this.#rows;
    const clientRenewedAtMs = rows.time(slot, time.clientRenewed);
    return {
      key,
      ttlMs: this.#ttlMs(slot),
      renewedAtMs: rows.time(slot, time.renewed),
      termFromMs: rows.time(slot, time.termFrom),
      clientRenewedAtMs: Number.isNaN(clientRenewedAtMs) ? undefined : clientRenewedAtMs,
      own: rows.has(slot, own),
      watched: rows.has(slot, watched),
      askedAtMs: rows.askedAt(slot),
    };
  }

  /** News of the lease are told from here on, or not any more. */
  watch(key: string, on: boolean): void {
    const slot = this.#slotOf(key);
    if (slot !== undefined) this.#rows.mark(slot, watched, on);
  }

  /** Peers are being asked for the age of the lease. */
  asking(key: string): void {
    const slot = this.#slotOf(key);
    if (slot !== undefined) this.#rows.setAskedAt(slot, this.#time.nowMs());
  }

  /**
   * Milliseconds since the latest renewal that this node knows of; 0 when there is no lease.
   * @param likelySlot where to look first
   */
  ageMs(key: string, likelySlot?: number): number {
    const slot = this.#slotOf(key, likelySlot);
    if (slot === undefined) return 0;
    return Math.max(0, Math.round(this.#time.monotonicMs() - this.#rows.time(slot, time.renewed)));
  }

  /**
   * Milliseconds since a client itself registered or renewed the key at this node; `undefined` when that was longer
   * ago than the lease, or never since this node's start. A node that has an answer refuses expiries by others.
   */
  clientAgeMs(key: string): number | undefined {
    const lease = this.get(key);
    if (lease?.clientRenewedAtMs === undefined) return undefined;
    const age = Math.round(this.#time.nowMs() - lease.clientRenewedAtMs);
    return age < lease.ttlMs ? age : undefined;
  }

  /** Hands the lease to `due` at that lease time, unless it is young again by then. */
  lookAgain(key: string, atMs: number): void {
    const slot = this.#slotOf(key);
    if (slot !== undefined) this.#plan(slot, atMs);
  }

  /**
   * Gives every lease a term that begins now, as after a start: for so long nobody could renew here. Ages stay what they
   * are.
   */
  freshTerms(): void {
    const now = this.#time.nowMs();
    for (let slot = 0; slot < this.#rows.end; slot += 1)
      if (this.#rows.has(slot, held)) this.#refresh(slot, now);
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
    for (let slot = 0; slot < this.#rows.end; slot += 1) {
      if (!this.#rows.has(slot, held) || this.#rows.time(slot, time.termFrom) >= sinceMs) continue;
      this.#rows.setTime(slot, time.clientRenewed, NaN);
      this.#refresh(slot, now);
      unheard.push(this.#keyOf(slot));
    }
    return unheard;
  }

  /** `undefined` when there is no lease of that key. */
  #slotOf(key: string, likelySlot?: number): number | undefined {
    const slot = this.#slots.slotOf(key, likelySlot);
    return slot >= 0 && this.#rows.has(slot, held) ? slot : undefined;
  }

  #keyOf(slot: number): string {
    return this.#slots.at(slot)?.key ?? '';
  }

  #ttlMs(slot: number): number {
    return this.#slots.at(slot)?.leaseTtlMs ?? 0;
  }

  #grant({ record, origin, ageMs, byClient }: Change): void {
    const { key, version } = record;
    const slot = this.#slots.slotOf(key);
    if (!this.#rows.has(slot, held)) {
      // What is read back from the store could not be renewed while the node was down.
      this.#rows.begin(slot, origin === 'recovery' ? this.#time.nowMs() : -Infinity);
      this.#size += 1;
    }
    this.#rows.mark(slot, own, version.owner === this.#options.nodeId);
    this.#renew(slot, ageMs);
    if (byClient) this.#rows.setTime(slot, time.clientRenewed, this.#time.nowMs());
    this.#plan(slot, this.#dueAt(slot));
  }

  #renew(slot: number, toldAgeMs: number): void {
    const ageMs = Math.min(toldAgeMs, highestAgeMs);
    this.#atLeast(slot, time.renewed, this.#time.monotonicMs() - ageMs);
    this.#atLeast(slot, time.termFrom, this.#time.nowMs() - ageMs);
  }

  #atLeast(slot: number, which: number, ms: number): void {
    if (ms > this.#rows.time(slot, which)) this.#rows.setTime(slot, which, ms);
  }

  /** Nothing is brought forward, so that what is planned already stays where it is: there may be a million of them. */
  #refresh(slot: number, now: number): void {
    this.#atLeast(slot, time.termFrom, now);
    if (this.#rows.planned(slot) === 0) this.#plan(slot, this.#dueAt(slot));
    if (this.#rows.has(slot, watched)) this.#tell(slot);
  }

  #tell(slot: number): void {
    if (this.#rows.planned(slot) === 0) this.#plan(slot, this.#dueAt(slot));
    this.#options.news(this.#keyOf(slot));
  }

  /** A time put off is found out when the old slot is taken; only one brought forward needs a new place. */
  #plan(slot: number, atMs: number): void {
    const planned = this.#rows.planned(slot);
    if (planned !== 0 && planned <= this.#wheel.slotOf(atMs)) return;
    this.#rows.plan(slot, this.#wheel.add(slot, atMs));
  }

  /** When something is to be done about a lease that nobody renews. */
  #dueAt(slot: number): number {
    const ttlMs = this.#ttlMs(slot);
    const lasts = this.#rows.has(slot, own) ? ttlMs : oldPart * ttlMs;
    return this.#rows.time(slot, time.termFrom) + lasts;
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
      const { slot: wheelSlot, items } = this.#taken;
      const end = Math.min(items.length, this.#taken.next + budget);
      budget -= end - this.#taken.next;
      for (; this.#taken.next < end; this.#taken.next += 1)
        this.#lookAt(items[this.#taken.next] as number, wheelSlot);
      if (end === items.length) this.#taken = undefined;
      if (budget > 0) continue;
      this.#continuing = this.#options.scheduler.soon(() => this.#look());
      return;
    }
    const due = this.#due;
    this.#due = [];
    this.#options.due(due);
  }

  #nextSlot(): (DueSlot & { next: number }) | undefined {
    const taken = this.#wheel.take(this.#time.nowMs());
    return taken === undefined ? undefined : { ...taken, next: 0 };
  }

  #lookAt(slot: number, wheelSlot: number): void {
    if (!this.#rows.has(slot, held) || this.#rows.planned(slot) !== wheelSlot) return;
    this.#rows.plan(slot, 0);
    const at = this.#dueAt(slot);
    if (at > this.#time.nowMs()) {
      this.#plan(slot, at);
      return;
    }
    this.#rows.mark(slot, watched, true);
    this.#due.push(this.#keyOf(slot));
  }
}
