import type { AliveRecord, Cancel, Scheduler } from '@artemis/core';
import { deadlineOf, expiryOf, serviceKeyOf } from '@artemis/core';
import type { RegistryRepository } from '../registry/repository.js';
import { unconfirmedAfterMs } from './expiry.js';
import type { LeaseClock } from './lease-clock.js';
import type { LeaseManager } from './manager.js';
import type { WatchedLease } from './watched-lease.js';

/** Records whose fate is decided in one turn: more would hold up requests. */
const perTurn = 250;
/** Until the answers of peers are looked for. */
const answersWithinMs = 250;
/** Until it is looked again whether something that holds a decision back is over. */
const pausedForMs = 1000;

interface Asker {
  add(record: AliveRecord): void;
  isPending(key: string): boolean;
  send(): void;
}

interface OrphansOptions {
  readonly scheduler: Scheduler;
  readonly time: LeaseClock;
  readonly repository: RegistryRepository;
  readonly leases: () => Pick<LeaseManager, 'get' | 'lookAgain' | 'asking'>;
  readonly asker: Asker;
  /** From the end of the lease until it is hidden. */
  readonly graceMs: number;
  /** From the end of the lease until any node may remove it. */
  readonly retentionMs: number;
  readonly paused: (serviceKey: string) => string | undefined;
}

/** What is to become of an orphan, by all that is known of its age. */
interface Judgement {
  readonly fate: 'unconfirmed' | 'hidden' | 'gone';
  /** Since when, lease time: peers must have been asked after that. */
  readonly sinceMs: number;
  /** Until the next fate. */
  readonly leftMs: number;
}

/**
 * The leases of other nodes' records that nobody seems to renew. Peers are asked for their age at 0.7 of the term, at its
 * end, then every third of a term; the youngest counts.
 *
 * ```
 *   listed ---lease over---> unconfirmed ---orphan grace---> hidden ---orphan retention---> expired (refutable)
 *      ^                          |                            |
 *      +-------------- renewed, wherever it was --------------+
 * ```
 *
 * Grace and retention count from the end of the lease by the latest renewal, so that neither a fresh term nor a restart
 * begins them anew.
 */
export class Orphans {
  readonly #options: OrphansOptions;
  /** Keys whose fate is to be decided. */
  #queue: string[] = [];
  #continuing: Cancel | undefined;

  constructor(options: OrphansOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#continuing?.();
  }

  /** Takes a lease that is old or over. The asker is to be sent on its way afterwards. */
  take(key: string): void {
    const { time, leases, asker, repository } = this.#options;
    const lease = leases().get(key);
    const record = repository.get(key);
    if (lease === undefined || record?.state !== 'alive') return;
    const now = time.nowMs();
    const endMs = deadlineOf(lease);
    const askedMs = lease.askedAtMs ?? -Infinity;
    if (now < endMs) {
      if (askedMs < lease.termFromMs) this.#ask(record);
      leases().lookAgain(key, endMs);
      return;
    }
    if (askedMs < endMs || now - askedMs >= lease.ttlMs / 3) this.#ask(record);
    if (now < endMs + unconfirmedAfterMs) leases().lookAgain(key, endMs + unconfirmedAfterMs);
    else if (asker.isPending(key)) leases().lookAgain(key, now + answersWithinMs);
    else this.#queue.push(key);
  }

  /** Decides, a part of it in later turns. */
  run(): void {
    this.#continuing?.();
    const keys = this.#queue.slice(0, perTurn);
    this.#queue = this.#queue.slice(keys.length);
    for (const key of keys) this.#decide(key);
    this.#options.asker.send();
    if (this.#queue.length > 0) this.#continuing = this.#options.scheduler.soon(() => this.run());
  }

  #decide(key: string): void {
    const { time, repository, leases } = this.#options;
    const lease = leases().get(key);
    const record = repository.get(key);
    const now = time.nowMs();
    if (lease === undefined || record?.state !== 'alive' || lease.own || deadlineOf(lease) > now) return;
    const { fate, sinceMs, leftMs } = this.#judge(lease);
    const askedMs = lease.askedAtMs ?? -Infinity;
    if (repository.visibilityOf(key) !== fate) {
      if (askedMs < sinceMs) {
        this.#ask(record);
        leases().lookAgain(key, now + answersWithinMs);
        return;
      }
      if (fate === 'gone') {
        this.#expire(record);
        return;
      }
      repository.show(key, fate);
    }
    leases().lookAgain(
      key,
      now + Math.max(answersWithinMs, Math.min(leftMs, askedMs + lease.ttlMs / 3 - now)),
    );
  }

  #judge(lease: WatchedLease): Judgement {
    const { time, graceMs, retentionMs } = this.#options;
    const now = time.nowMs();
    const overdueMs = time.monotonicMs() - (lease.renewedAtMs + lease.ttlMs);
    const since = (limitMs: number): number => Math.max(deadlineOf(lease), now - (overdueMs - limitMs));
    if (overdueMs >= retentionMs) return { fate: 'gone', sinceMs: since(retentionMs), leftMs: Infinity };
    if (overdueMs >= graceMs) {
      return { fate: 'hidden', sinceMs: since(graceMs), leftMs: retentionMs - overdueMs };
    }
    return { fate: 'unconfirmed', sinceMs: deadlineOf(lease), leftMs: graceMs - overdueMs };
  }

  #expire(record: AliveRecord): void {
    const { repository, leases, time, paused } = this.#options;
    if (paused(serviceKeyOf(record.instance.service_id)) !== undefined) {
      leases().lookAgain(record.key, time.nowMs() + pausedForMs);
      return;
    }
    repository.apply(expiryOf(record), { origin: 'local' });
  }

  #ask(record: AliveRecord): void {
    this.#options.leases().asking(record.key);
    this.#options.asker.add(record);
  }
}
