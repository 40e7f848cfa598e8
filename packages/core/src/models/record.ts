import type { Instance, InstanceKey } from './instance.js';
import { toInstanceKey } from './instance.js';
import type { Version } from './version.js';
import { compareVersions, sameRegistration } from './version.js';

/** Why a record is as it is, as the cluster copies it. */
export type RemovalReason = 'unregistered' | 'expired';

interface RecordBase {
  /** Canonical key, see `keyOf`. */
  readonly key: string;
  /** Made of the instance where there is one: a copy beside it would be kept for every record of a table. */
  readonly instanceKey: InstanceKey;
  readonly version: Version;
  /** Milliseconds without a renewal after which the lease ends. */
  readonly leaseTtlMs: number;
}

export interface AliveRecord extends RecordBase {
  readonly state: 'alive';
  readonly instance: Instance;
}

/** A tombstone. That of an expiry keeps the instance, so that a node that knows better can refute it. */
export interface RemovedRecord extends RecordBase {
  readonly state: 'removed';
  readonly reason: RemovalReason;
  readonly instance?: Instance;
}

/**
 * What the table holds under one key. Never changed in place, and not to be spread: a record with an instance has its
 * key from that, and a spread leaves it out.
 */
export type RegistryRecord = AliveRecord | RemovedRecord;

class WithInstance {
  constructor(
    readonly key: string,
    readonly instance: Instance,
    readonly version: Version,
    readonly leaseTtlMs: number,
  ) {}

  get instanceKey(): InstanceKey {
    return toInstanceKey(this.instance);
  }
}

class Alive extends WithInstance implements AliveRecord {
  readonly state = 'alive';
}

class Expired extends WithInstance implements RemovedRecord {
  readonly state = 'removed';
  readonly reason = 'expired';
}

/** The merge law: the greater version wins. Commutative, associative, idempotent. */
export function merge(a: RegistryRecord, b: RegistryRecord): RegistryRecord {
  return compareVersions(b.version, a.version) > 0 ? b : a;
}

/** Whether `candidate` would replace `held`. */
export function beats(candidate: Version, held: RegistryRecord | undefined): boolean {
  return held === undefined || compareVersions(candidate, held.version) > 0;
}

export function aliveRecord(
  key: string,
  instance: Instance,
  version: Version,
  leaseTtlMs: number,
): AliveRecord {
  return new Alive(key, instance, version, leaseTtlMs);
}

/** A tombstone that keeps the instance. */
export function expiredRecord(
  key: string,
  instance: Instance,
  version: Version,
  leaseTtlMs: number,
): RemovedRecord {
  return new Expired(key, instance, version, leaseTtlMs);
}

/** The tombstone of a client's unregister, also for a key that is unknown here. */
export function unregistered(key: string, instanceKey: InstanceKey, version: Version): RemovedRecord {
  return { key, instanceKey, state: 'removed', reason: 'unregistered', version, leaseTtlMs: 0 };
}

/** The expiry of a live record: the next, odd round. */
export function expiryOf(record: AliveRecord): RemovedRecord {
  const version = { ...record.version, round: record.version.round + 1, owner: '' };
  return new Expired(record.key, record.instance, version, record.leaseTtlMs);
}

/** Undoes an expiry at a node whose own client kept the lease alive: the next, even round, owned by that node. */
export function refutationOf(
  tombstone: RemovedRecord & { readonly instance: Instance },
  owner: string,
): AliveRecord {
  const version = { ...tombstone.version, round: tombstone.version.round + 1, owner };
  return aliveRecord(tombstone.key, tombstone.instance, version, tombstone.leaseTtlMs);
}

/** Another node becomes the owner of an unchanged live record: two rounds on. */
export function takeOverOf(record: AliveRecord, owner: string): AliveRecord {
  return withVersion(record, { ...record.version, round: record.version.round + 2, owner });
}

/** The same record under another version. */
export function withVersion(record: AliveRecord, version: Version): AliveRecord;
export function withVersion(record: RegistryRecord, version: Version): RegistryRecord;
export function withVersion(record: RegistryRecord, version: Version): RegistryRecord {
  const { key, instance, leaseTtlMs } = record;
  if (instance === undefined) return unregistered(key, record.instanceKey, version);
  return record.state === 'alive'
    ? new Alive(key, instance, version, leaseTtlMs)
    : new Expired(key, instance, version, leaseTtlMs);
}

/** What names the record: its instance, or its key where there is none. Costs nothing, which `instanceKey` does. */
export function namesOf(record: RegistryRecord): Instance | InstanceKey {
  return record.instance ?? record.instanceKey;
}

/**
 * What a renewal's version makes of the record held here: a later, live round of the same registration is adopted as
 * it is, since all its rounds have the same instance. `undefined` when the record cannot be derived from what is held.
 */
export function adopt(held: RegistryRecord, renewed: Version): AliveRecord | undefined {
  const later = sameRegistration(held.version, renewed) && renewed.round > held.version.round;
  if (!later || renewed.round % 2 !== 0 || renewed.owner === '' || held.instance === undefined)
    return undefined;
  return aliveRecord(held.key, held.instance, renewed, held.leaseTtlMs);
}

/**
 * Whether all parts tell the same story; a record for which they do not is refused. An expiry without its instance
 * could not be refuted, and an instance without a lease would be gone at once.
 */
export function isCoherent(record: RegistryRecord): boolean {
  const { round, owner } = record.version;
  if (record.instance !== undefined && record.leaseTtlMs < 1) return false;
  if (record.state === 'alive') return round % 2 === 0 && owner !== '';
  if (owner !== '') return false;
  if (record.reason === 'unregistered') return round === 0 && record.instance === undefined;
  return round % 2 === 1 && record.instance !== undefined;
}
