import type { Cancel, Change, Scheduler } from '@artemis/core';
import { deadlineOf } from '@artemis/core';
import type { HeldBack } from '../registry/held-back.js';
import type { RegistryRepository } from '../registry/repository.js';
import type { OwnExpiry } from './expiry.js';
import type { LeaseClock } from './lease-clock.js';
import type { LeaseManager, WatchedLease } from './manager.js';
import type { Orphans } from './orphans.js';
import type { SelfPreservation } from './self-preservation.js';

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

  constructor(options: LapsedLeasesOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#noting?.();
    this.#options.expiry.stop();
    this.#options.orphans.stop();
  }

  /** All leases that have become old or have ended since the last turn. To be called every turn. */
  take(due: readonly WatchedLease[]): void {
    const { preservation, expiry, orphans, heldBack } = this.#options;
    const joining = this.#watchJoining();
    preservation.update();
    const own: WatchedLease[] = [];
    for (const lease of due) {
      if (heldBack.has(lease.key)) this.#takeHeldBack(lease);
      else if (lease.own) own.push(lease);
      else if (joining) this.#later(lease);
      else orphans.take(lease);
    }
    const lapsed = expiry.add(own);
    // All are counted before the first one is expired, so that a mass lapse is not half carried out.
    if (!joining) for (const [serviceKey, count] of lapsed) preservation.lapsed(serviceKey, count);
    expiry.run();
    orphans.run();
  }

  /** A lease with which this desk has to do was renewed, or told of by a peer. */
  news(lease: WatchedLease): void {
    const { heldBack, time, repository, expiry } = this.#options;
    heldBack.confirm(lease.key);
    const record = repository.get(lease.key);
    if (record === undefined || deadlineOf(lease) <= time.nowMs()) return;
    expiry.remove(record);
    repository.show(lease.key, 'listed');
    lease.watched = false;
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
    const lease = this.#options.leases().get(key);
    if (lease !== undefined) lease.watched = true;
    this.#options.heldBack.hold(key);
  }

  #note(): void {
    this.#noting = undefined;
    const keys = this.#changed;
    this.#changed = new Set();
    for (const key of keys) {
      const lease = this.#options.leases().get(key);
      if (lease !== undefined) this.news(lease);
    }
  }

  /** Clients were refused while the node joined: every lease has a term from the end of it. */
  #watchJoining(): boolean {
    const joining = this.#options.joining();
    if (!joining && !this.#joined) this.#options.leases().freshTerms();
    this.#joined = !joining;
    return joining;
  }

  #takeHeldBack(lease: WatchedLease): void {
    const { heldBack, time, leases, joining } = this.#options;
    const endMs = deadlineOf(lease);
    if (endMs > time.nowMs()) leases().lookAgain(lease.key, endMs);
    else if (joining()) this.#later(lease);
    else heldBack.drop(lease.key);
  }

  #later(lease: WatchedLease): void {
    const { leases, time } = this.#options;
    leases().lookAgain(lease.key, time.nowMs() + 1000);
  }
}
