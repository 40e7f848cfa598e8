import type {
  Change,
  ChangeOrigin,
  ChangeReason,
  ChangeType,
  Clock,
  RegistryRecord,
  Visibility,
} from '@artemis/core';
import { beats, sameInstance, sameRegistration } from '@artemis/core';
import type { ChangeLog } from './change-log.js';
import { RecordPool } from './record-pool.js';
import type { Slots } from './record-table.js';
import { RecordTable } from './record-table.js';
import type { Doubt, ServiceEntry } from './service-index.js';
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
  /** Whether a live record is hidden from the first moment. */
  readonly hidden?: boolean;
}

/** The node's one table. Clients, peers, expiry and recovery all end in {@link RegistryRepository.apply}. */
export class RegistryRepository {
  readonly #clock: Clock;
  readonly #log: ChangeLog;
  readonly #records: RecordTable;
  readonly #services: ServiceIndex;
  readonly #pool = new RecordPool();
  readonly #touch = ({ record, type, revision }: Change): void => {
    if (type !== undefined) this.#services.touch(record, revision);
  };
  #live = 0;
  #latestStamp = 0;

  constructor(clock: Clock, log: ChangeLog) {
    this.#clock = clock;
    this.#log = log;
    // The id of a run is drawn: nobody can know which keys share a bucket.
    this.#records = new RecordTable(log.logId);
    this.#services = new ServiceIndex(this.#records);
  }

  /**
   * Puts a record under the merge law. Synchronous: listeners of the change log have seen the change when this
   * returns.
   *
   * @returns the change, or `undefined` when what is held is as new or newer
   */
  apply(record: RegistryRecord, context: ApplyContext): Change | undefined {
    return beats(record.version, this.#records.get(record.key)) ? this.#put(record, context) : undefined;
  }

  /**
   * Puts a record in place of itself with another stamp, an earlier one: the one exception to the merge law, for what a
   * wrong clock stamped so far ahead that no peer ever accepted it.
   */
  restamp(record: RegistryRecord, ageMs: number): void {
    if (this.#records.get(record.key)?.state === record.state) this.#put(record, { origin: 'local', ageMs });
  }

  /**
   * Changes how a live record is shown here, which says nothing of the record itself. A registration or take-over that
   * is within its lease lists it again by itself.
   *
   * @returns the change, or `undefined` when there is no such record or it is shown so already
   */
  show(key: string, visibility: Visibility): Change | undefined {
    const record = this.#records.get(key);
    if (record?.state !== 'alive') return undefined;
    const before = this.#services.visibilityOf(record);
    if (before === visibility) return undefined;
    this.#services.show(record, visibility);
    return this.#append({
      revision: this.#log.nextRevision,
      record,
      previous: record,
      origin: 'view',
      reason: visibility === 'listed' ? 'confirmed' : visibility,
      type: typeSeen(before, visibility, false),
      visibility,
      wallMs: this.#clock.wallMs(),
      ageMs: 0,
      byClient: false,
    });
  }

  /** How a record is shown here; `listed` when there is none. */
  visibilityOf(key: string): Visibility {
    const record = this.#records.get(key);
    return record === undefined ? 'listed' : this.#services.visibilityOf(record);
  }

  /** Drops a tombstone that nobody can need any more. Answers `false` when the key has changed since. */
  forget(tombstone: RegistryRecord): boolean {
    return tombstone.state === 'removed' && this.#drop(tombstone);
  }

  /**
   * Drops a live record that nobody sees, without a trace: it was never confirmed, and what became of it is known
   * elsewhere. Does nothing when it is shown, or has changed since.
   */
  dropHidden(record: RegistryRecord): boolean {
    return this.visibilityOf(record.key) === 'hidden' && this.#drop(record);
  }

  /**
   * @param key canonical key
   * @param likelySlot where it was before: it is looked for there first, without a hash of the key
   */
  get(key: string, likelySlot?: number): RegistryRecord | undefined {
    return this.#records.get(key, likelySlot);
  }

  /** @param serviceId compared without regard to case */
  service(serviceId: string): ServiceEntry | undefined {
    return this.#services.get(serviceId);
  }

  /** Lower-case ids of all known services. */
  serviceKeys(): IterableIterator<string> {
    return this.#services.keys();
  }

  /** Where to keep what is known of a record besides it. */
  get slots(): Slots {
    return this.#records;
  }

  /** Canonical keys, those of tombstones too. */
  keys(): IterableIterator<string> {
    return this.#records.keys();
  }

  /** The same in their order. */
  get sortedServiceKeys(): readonly string[] {
    return this.#services.sortedKeys;
  }

  get serviceCount(): number {
    return this.#services.size;
  }

  /** No record that was ever put here has a later stamp. */
  get latestStamp(): number {
    return this.#latestStamp;
  }

  get liveCount(): number {
    return this.#live;
  }

  get tombstoneCount(): number {
    return this.#records.size - this.#live;
  }

  /** How many live records are shown so. */
  doubted(doubt: Doubt): number {
    return this.#services.doubted(doubt);
  }

  #put(given: RegistryRecord, context: ApplyContext): Change {
    const previous = this.#records.get(given.key);
    const record = this.#pool.keep(given, previous);
    const ageMs = context.ageMs ?? 0;
    const before = previous?.state === 'alive' ? this.#services.visibilityOf(previous) : undefined;
    const after = record.state === 'alive' ? visibilityAfter(record, before, ageMs, context) : undefined;
    const slot = this.#records.set(record);
    this.#latestStamp = Math.max(this.#latestStamp, record.version.stamp);
    this.#services.replace(slot, previous, record);
    if (after !== undefined) this.#services.show(record, after);
    this.#live += Number(record.state === 'alive') - Number(previous?.state === 'alive');
    return this.#append({
      revision: this.#log.nextRevision,
      record,
      previous,
      origin: context.origin,
      reason: context.reason ?? reasonOf(record, previous),
      type: typeSeen(before, after, contentChanged(record, previous)),
      visibility: after,
      wallMs: this.#clock.wallMs(),
      ageMs,
      byClient: context.byClient ?? false,
    });
  }

  /** One object for each change, made whole at once: there is one for every record of a table. */
  #append(change: Change): Change {
    return this.#log.append(change, this.#touch);
  }

  #drop(record: RegistryRecord): boolean {
    const slot = this.#records.slotOf(record.key);
    if (this.#records.at(slot) !== record) return false;
    this.#services.forget(slot, record);
    this.#records.delete(record.key);
    if (record.state === 'alive') this.#live -= 1;
    return true;
  }
}

function reasonOf(record: RegistryRecord, previous: RegistryRecord | undefined): ChangeReason {
  if (record.state === 'removed') return record.reason;
  if (previous === undefined || !sameRegistration(record.version, previous.version)) return 'registered';
  return previous.state === 'alive' ? 'moved' : 'refuted';
}

/** What a peer tells of a lease that is over by that very age makes nothing more certain than it was. */
function visibilityAfter(
  { leaseTtlMs }: RegistryRecord,
  before: Visibility | undefined,
  ageMs: number,
  { hidden = false }: ApplyContext,
): Visibility {
  if (hidden) return 'hidden';
  return before === undefined || ageMs < leaseTtlMs ? 'listed' : before;
}

/** @param before how it was shown, `undefined` when it was not alive; `after` alike */
function typeSeen(
  before: Visibility | undefined,
  after: Visibility | undefined,
  content: boolean,
): ChangeType | undefined {
  const wasSeen = before !== undefined && before !== 'hidden';
  const isSeen = after !== undefined && after !== 'hidden';
  if (!isSeen) return wasSeen ? 'delete' : undefined;
  if (!wasSeen) return 'new';
  return content || before !== after ? 'change' : undefined;
}

/** Whether callers would find another instance; of no meaning unless both records are alive. */
function contentChanged(record: RegistryRecord, previous: RegistryRecord | undefined): boolean {
  if (record.state !== 'alive' || previous?.state !== 'alive') return false;
  return (
    !sameRegistration(record.version, previous.version) && !sameInstance(record.instance, previous.instance)
  );
}
