/** How a record looks in the store: JSON with short names. What is read back was written by this file, or is corrupt. */
import type { Instance, InstanceKey, RegistryRecord, RemovalReason, WireVersion } from '@artemis/core';
import {
  aliveRecord,
  decodeVersion,
  encodeVersion,
  expiredRecord,
  keyOf,
  toInstanceKey,
  unregistered,
} from '@artemis/core';
import { guarded, storeKeyOf } from './guarded-text.js';

/** Short names: there are many of these. */
interface StoredRecord {
  readonly v: WireVersion;
  /** Lease in ms. */
  readonly t: number;
  readonly i?: Instance;
  /** Only where there is no instance. */
  readonly k?: InstanceKey;
  /** Of a removal only. */
  readonly r?: RemovalReason;
}

/** The key of a record in the store, and what stands there. */
export function encodeRecord(record: RegistryRecord): readonly [storeKey: string, text: string] {
  const stored: StoredRecord = {
    v: encodeVersion(record.version),
    t: record.leaseTtlMs,
    ...(record.instance === undefined ? { k: record.instanceKey } : { i: record.instance }),
    ...(record.state === 'removed' && { r: record.reason }),
  };
  const storeKey = storeKeyOf(record.key);
  return [storeKey, guarded(storeKey, JSON.stringify(stored))];
}

/** @param json a list of what was guarded in the store */
export function decodeRecords(json: string): RegistryRecord[] {
  return (JSON.parse(json) as StoredRecord[]).map(decodeRecord);
}

function decodeRecord({ v, t, i, k, r }: StoredRecord): RegistryRecord {
  const version = decodeVersion(v);
  if (i !== undefined) return (r === undefined ? aliveRecord : expiredRecord)(keyOf(i), i, version, t);
  if (k === undefined) throw new Error('a stored record has no key');
  return unregistered(keyOf(k), toInstanceKey(k), version);
}
