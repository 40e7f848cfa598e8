import type { Cancel, Change, Scheduler } from '@artemis/core';
import { deadlineOf } from '@artemis/core';
import type { HeldBack } from '../registry/held-back.js';
import type { RegistryRepository } from '../registry/repository.js';
import type { OwnExpiry } from './expiry.js';
import type { LeaseClock } from './lease-clock.js';
import type { LeaseManager } from './manager.js';
import type { WatchedLease } from './watched-lease.js';
import type { Orphans } from './orphans.js';
import type { SelfPreservation } from './self-preservation.js';

/** Leases assigned in one turn: more would hold up requests. */
const perTurn = 500;

interface LapsedLeasesOptions {
  readonly scheduler: Scheduler;
  readonly time: LeaseClock;
  readonly repository: RegistryRepository;
  readonly leases: () => LeaseManager;
  readonly heldBack: HeldBack;
  readonly preservation: SelfPreservation;
  readonly expiry: OwnExpiry;
  readonly orphans: Orphans;
  /** Whether the node has not caught up with its peers yet: then it decides nothing. */
  readonly joining: () => boolean;
}

/**
 * The desk for leases that nobody seems to renew. Own ones expire, unless that is paused; those of other nodes become
 * unconfirmed, hidden, and are removed at long last; those held back are dropped. Who is renewed is listed again.
 */
export class LapsedLeases {
  readonly #options: LapsedLeasesOptions;
  #joined = true;
  #changed = new Set<string>();
  #noting: Cancel | undefined;
  /** What was taken and is not assigned yet, and how much of the first part of it is. */
  readonly #sorting: (readonly string[])[] = [];
  #sorted = 0;
  #continuing: Cancel | undefined;

  constructor(options: LapsedLeasesOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#noting?.();
    this.#continuing?.();
    this.#options.expiry.stop();
    this.#options.orphans.stop();
  }

  /** Keys of all leases that have become old or have ended since the last turn. To be called every turn. */
  take(due: readonly string[]): void {
    this.#watchJoining();
    this.#options.preservation.update();
    this.#sorting.push(due);
    if (this.#continuing === undefined) this.#sort();
  }

  /** A lease with which this desk has to do was renewed, or told of by a peer. */
  news(key: string): void {
    const { heldBack, time, repository, expiry, leases } = this.#options;
    heldBack.confirm(key);
    const record = repository.get(key);
    const lease = leases().get(key);
    if (record === undefined || lease === undefined || deadlineOf(lease) <= time.nowMs()) return;
    expiry.remove(record);
    repository.show(key, 'listed');
    leases().watch(key, false);
  }

  /** Listener of the change log, after that of the digest. */
  onChange(change: Change): void {
    const { record, origin } = change;
    if (origin === 'view') return;
    const { heldBack, expiry, leases } = this.#options;
    heldBack.onChange(change);
    const lease = leases().get(record.key);
    if (lease?.own !== true) expiry.remove(record);
    if (lease?.watched !== true) return;
    // Not in the middle of a change: the next one would reach listeners before it.
    this.#changed.add(record.key);
    this.#noting ??= this.#options.scheduler.soon(() => this.#note());
  }

  /** The node is as good as started anew: nobody vouches any more for what it held before. */
  restarted(sinceMs: number): void {
    const unheard = this.#options.leases().restart(sinceMs);
    for (const key of unheard) this.hold(key);
  }

  /** Holds a record back until somebody confirms it. */
  hold(key: string): void {
    this.#options.leases().watch(key, true);
    this.#options.heldBack.hold(key);
  }

  /** Hands each to whom it concerns, a part of them in later turns, and has all of them decided at the end. */
  #sort(): void {
    this.#continuing = undefined;
    const joining = !this.#joined;
    let budget = perTurn;
    for (let due = this.#sorting[0]; due !== undefined; due = this.#sorting[0]) {
      const end = Math.min(due.length, this.#sorted + budget);
      budget -= end - this.#sorted;
      for (; this.#sorted < end; this.#sorted += 1) this.#assign(due[this.#sorted] as string, joining);
      if (this.#sorted < due.length) {
        this.#continuing = this.#options.scheduler.soon(() => this.#sort());
        return;
      }
      this.#sorting.shift();
      this.#sorted = 0;
    }
    this.#decide(joining);
  }

  #assign(key: string, joining: boolean): void {
    const { expiry, orphans, heldBack, leases } = this.#options;
    const lease = leases().get(key);
    // It was renewed in the meantime.
    if (lease?.watched !== true) return;
    if (heldBack.has(key)) this.#takeHeldBack(lease);
    else if (lease.own) expiry.add(key);
    else if (joining) this.#later(key);
    else orphans.take(key);
  }

  /** All are counted before the first one is expired, so that a mass lapse is not half carried out. */
  #decide(joining: boolean): void {
    const { preservation, expiry, orphans } = this.#options;
    const lapsed = expiry.settle();
    if (!joining) for (const [serviceKey, count] of lapsed) preservation.lapsed(serviceKey, count);
    expiry.run();
    orphans.run();
  }

  #note(): void {
    this.#noting = undefined;
    const keys = this.#changed;
    this.#changed = new Set();
    for (const key of keys) this.news(key);
  }

  /** Clients were refused while the node joined: every lease has a term from the end of it. */
  #watchJoining(): void {
    const joining = this.#options.joining();
    if (!joining && !this.#joined) this.#options.leases().freshTerms();
    this.#joined = !joining;
  }

  #takeHeldBack(lease: WatchedLease): void {
    const { heldBack, time, leases, joining } = this.#options;
    const endMs = deadlineOf(lease);
    if (endMs > time.nowMs()) leases().lookAgain(lease.key, endMs);
    else if (joining()) this.#later(lease.key);
    else heldBack.drop(lease.key);
  }

  #later(key: string): void {
    const { leases, time } = this.#options;
    leases().lookAgain(key, time.nowMs() + 1000);
  }
}
