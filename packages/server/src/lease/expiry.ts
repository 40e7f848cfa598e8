import type { AliveRecord, Cancel, RegistryRecord, Scheduler } from '@artemis/core';
import { deadlineOf, expiryOf, namesOf, serviceKeyOf } from '@artemis/core';
import type { RegistryRepository } from '../registry/repository.js';
import type { LeaseClock } from './lease-clock.js';
import type { LeaseManager } from './manager.js';

/** Expiries in one turn: more would hold up requests. */
const perTurn = 250;
/** After the end of a lease: from then on it is shown as unconfirmed. Looks come up to half a second late. */
export const unconfirmedAfterMs = 750;

interface OwnExpiryOptions {
  readonly scheduler: Scheduler;
  readonly time: LeaseClock;
  readonly repository: RegistryRepository;
  readonly leases: () => Pick<LeaseManager, 'get'>;
  /** Why nothing of a service may be expired now; `undefined` when it may. */
  readonly paused: (serviceKey: string) => string | undefined;
}

/** Own leases of one service that are over. */
interface Waiting {
  readonly keys: Set<string>;
  /** Of these, what is shown as if nothing were, in the order of lapsing. */
  unshown: string[];
}

/** Expires the lapsed leases of this node's own records, so many in a turn, unless expiry is paused. */
export class OwnExpiry {
  readonly #options: OwnExpiryOptions;
  readonly #waiting = new Map<string, Waiting>();
  /** Keys by service of which it is not settled yet whether so many have lapsed that none may be expired. */
  #fresh = new Map<string, Set<string>>();
  #count = 0;
  #continuing: Cancel | undefined;

  constructor(options: OwnExpiryOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#continuing?.();
  }

  /** Own leases that are over; of all services without one. */
  lapsed(serviceKey?: string): number {
    return serviceKey === undefined ? this.#count : (this.#waiting.get(serviceKey)?.keys.size ?? 0);
  }

  /**
   * Keys of a service that must not be served any more, though their records are still there; `undefined` when there
   * are none, or they are kept on purpose.
   */
  ended(serviceId: string): ReadonlySet<string> | undefined {
    if (this.#count === 0) return undefined;
    const serviceKey = serviceKeyOf(serviceId);
    const waiting = this.#waiting.get(serviceKey);
    return waiting === undefined || this.#options.paused(serviceKey) !== undefined ? undefined : waiting.keys;
  }

  /** Takes a lease that is over. Nothing becomes of it before {@link OwnExpiry.settle}. */
  add(key: string): void {
    const record = this.#lapsedRecord(key);
    if (record === undefined) return;
    const serviceKey = serviceKeyOf(record.instance.service_id);
    if (this.#waiting.get(serviceKey)?.keys.has(key) === true) return;
    const fresh = this.#fresh.get(serviceKey);
    if (fresh === undefined) this.#fresh.set(serviceKey, new Set([key]));
    else fresh.add(key);
  }

  /** Everything that lapsed at once has been added. Answers how many of each service had not been taken before. */
  settle(): ReadonlyMap<string, number> {
    const added = new Map<string, number>();
    for (const [serviceKey, fresh] of this.#fresh) {
      added.set(serviceKey, fresh.size);
      this.#count += fresh.size;
      const waiting = this.#waiting.get(serviceKey);
      if (waiting === undefined) {
        // As they are: there may be a hundred thousand.
        this.#waiting.set(serviceKey, { keys: fresh, unshown: [...fresh] });
        continue;
      }
      for (const key of fresh) {
        waiting.keys.add(key);
        waiting.unshown.push(key);
      }
    }
    this.#fresh = new Map();
    return added;
  }

  /** The lease was renewed, or its record is gone or another node's. */
  remove(record: RegistryRecord): void {
    if (this.#count === 0 && this.#fresh.size === 0) return;
    const serviceKey = serviceKeyOf(namesOf(record).service_id);
    this.#forget(serviceKey, record.key);
    const fresh = this.#fresh.get(serviceKey);
    if (fresh?.delete(record.key) === true && fresh.size === 0) this.#fresh.delete(serviceKey);
  }

  /** Expires what may be expired, a part of it in later turns. */
  run(): void {
    this.#continuing?.();
    let budget = perTurn;
    for (const [serviceKey, waiting] of this.#waiting) {
      const done =
        this.#options.paused(serviceKey) === undefined
          ? this.#expire(serviceKey, waiting, budget)
          : this.#showOverdue(waiting, budget);
      budget -= done;
      if (budget > 0) continue;
      this.#continuing = this.#options.scheduler.soon(() => this.run());
      return;
    }
  }

  #expire(serviceKey: string, { keys }: Waiting, most: number): number {
    let done = 0;
    for (const key of keys) {
      if (done === most) break;
      done += 1;
      this.#forget(serviceKey, key);
      const record = this.#lapsedRecord(key);
      if (record !== undefined) this.#options.repository.apply(expiryOf(record), { origin: 'local' });
    }
    return done;
  }

  #showOverdue(waiting: Waiting, most: number): number {
    const { repository, leases, time } = this.#options;
    const due = time.nowMs() - unconfirmedAfterMs;
    let done = 0;
    for (const key of waiting.unshown) {
      const lease = leases().get(key);
      if (done === most || (lease !== undefined && deadlineOf(lease) > due && waiting.keys.has(key))) break;
      if (waiting.keys.has(key)) repository.show(key, 'unconfirmed');
      done += 1;
    }
    if (done > 0) waiting.unshown = waiting.unshown.slice(done);
    return done;
  }

  #forget(serviceKey: string, key: string): void {
    const waiting = this.#waiting.get(serviceKey);
    if (waiting?.keys.delete(key) !== true) return;
    this.#count -= 1;
    if (waiting.keys.size === 0) this.#waiting.delete(serviceKey);
  }

  #lapsedRecord(key: string): AliveRecord | undefined {
    const { repository, leases, time } = this.#options;
    const lease = leases().get(key);
    if (lease?.own !== true || deadlineOf(lease) > time.nowMs()) return undefined;
    const record = repository.get(key);
    return record?.state === 'alive' ? record : undefined;
  }
}
