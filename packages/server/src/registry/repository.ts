import type { Change, ChangeOrigin, ChangeReason, ChangeType, Clock, RegistryRecord } from '@artemis/core';
import { beats, sameInstance, sameRegistration } from '@artemis/core';
import type { ChangeLog } from './change-log.js';
import type { ServiceEntry } from './service-index.js';
import { ServiceIndex } from './service-index.js';

/** What is known besides the record itself. */
export interface ApplyContext {
  readonly origin: ChangeOrigin;
  /** Milliseconds since the lease was last renewed; default 0. */
  readonly ageMs?: number;
  /** Whether a client made this change at this node. */
  readonly byClient?: boolean;
  /** Where the records alone do not tell: an expiry that is refuted at once was never held. */
  readonly reason?: 'refuted';
}

/** The node's one table. Clients, peers, expiry and recovery all end in {@link RegistryRepository.apply}. */
export class RegistryRepository {
  readonly #clock: Clock;
  readonly #log: ChangeLog;
  readonly #records = new Map<string, RegistryRecord>();
  readonly #services = new ServiceIndex();
  #live = 0;

  constructor(clock: Clock, log: ChangeLog) {
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Puts a record under the merge law. Synchronous: listeners of the change log have seen the change when this
   * returns.
   *
   * @returns the change, or `undefined` when what is held is as new or newer
   */
  apply(record: RegistryRecord, context: ApplyContext): Change | undefined {
    const previous = this.#records.get(record.key);
    if (!beats(record.version, previous)) return undefined;
    this.#records.set(record.key, record);
    this.#services.replace(previous, record);
    this.#live += Number(record.state === 'alive') - Number(previous?.state === 'alive');
    const change = {
      record,
      previous,
      origin: context.origin,
      reason: context.reason ?? reasonOf(record, previous),
      type: typeOf(record, previous),
      wallMs: this.#clock.wallMs(),
      ageMs: context.ageMs ?? 0,
      byClient: context.byClient ?? false,
    };
    return this.#log.append(change, ({ type, revision }) => {
      if (type !== undefined) this.#services.touch(record, revision);
    });
  }

  /** Drops a tombstone that nobody can need any more, unless the key has changed since. */
  forget(tombstone: RegistryRecord): void {
    if (tombstone.state !== 'removed' || this.#records.get(tombstone.key) !== tombstone) return;
    this.#records.delete(tombstone.key);
    this.#services.forgetTombstone(tombstone);
  }

  /** @param key canonical key */
  get(key: string): RegistryRecord | undefined {
    return this.#records.get(key);
  }

  /** @param serviceId compared without regard to case */
  service(serviceId: string): ServiceEntry | undefined {
    return this.#services.get(serviceId);
  }

  /** Lower-case ids of all known services. */
  serviceKeys(): IterableIterator<string> {
    return this.#services.keys();
  }

  /** Canonical keys, those of tombstones too. */
  keys(): IterableIterator<string> {
    return this.#records.keys();
  }

  get serviceCount(): number {
    return this.#services.size;
  }

  get liveCount(): number {
    return this.#live;
  }

  get tombstoneCount(): number {
    return this.#records.size - this.#live;
  }
}

function reasonOf(record: RegistryRecord, previous: RegistryRecord | undefined): ChangeReason {
  if (record.state === 'removed') return record.reason;
  if (previous === undefined || !sameRegistration(record.version, previous.version)) return 'registered';
  return previous.state === 'alive' ? 'moved' : 'refuted';
}

function typeOf(record: RegistryRecord, previous: RegistryRecord | undefined): ChangeType | undefined {
  if (record.state === 'removed') return previous?.state === 'alive' ? 'delete' : undefined;
  if (previous?.state !== 'alive') return 'new';
  if (sameRegistration(record.version, previous.version)) return undefined;
  return sameInstance(record.instance, previous.instance) ? undefined : 'change';
}
