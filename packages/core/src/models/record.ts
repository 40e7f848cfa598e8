import type { Instance, InstanceKey } from './instance.js';
import { toInstanceKey } from './instance.js';
import type { Version } from './version.js';
import { compareVersions, sameRegistration } from './version.js';

/** Why a record is as it is, as the cluster copies it. */
export type RemovalReason = 'unregistered' | 'expired';

interface RecordBase {
  /** Canonical key, see `keyOf`. */
  readonly key: string;
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

/** What the table holds under one key. Never changed in place. */
export type RegistryRecord = AliveRecord | RemovedRecord;

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
  return { key, instanceKey: toInstanceKey(instance), state: 'alive', instance, version, leaseTtlMs };
}

/** The tombstone of a client's unregister, also for a key that is unknown here. */
export function unregistered(key: string, instanceKey: InstanceKey, version: Version): RemovedRecord {
  return { key, instanceKey, state: 'removed', reason: 'unregistered', version, leaseTtlMs: 0 };
}

/** The expiry of a live record: the next, odd round. */
export function expiryOf(record: AliveRecord): RemovedRecord {
  const version = { ...record.version, round: record.version.round + 1, owner: '' };
  return { ...record, state: 'removed', reason: 'expired', version };
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
  return { ...record, version: { ...record.version, round: record.version.round + 2, owner } };
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
