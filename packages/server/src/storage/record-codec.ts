/** How a record looks in the store: a checksum, then JSON. What is read back was written by this file, or is corrupt. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Instance, InstanceKey, RegistryRecord, RemovalReason, WireVersion } from '@artemis/core';
import { aliveRecord, decodeVersion, encodeVersion, keyOf, toInstanceKey } from '@artemis/core';

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

/** Characters of the checksum in front of the JSON. */
const checksumLength = 8;
/** Longer ones are hashed: lmdb takes keys of up to 1978 bytes, and canonical keys may have six times as many. */
const longestKeyBytes = 500;

/** The key in the store of a canonical key. A canonical key holds U+001F, a hash does not, so the two never meet. */
export function storeKeyOf(key: string): string {
  if (Buffer.byteLength(key) <= longestKeyBytes) return key;
  return createHash('sha256').update(key).digest('hex');
}

export function encodeRecord(record: RegistryRecord): string {
  const stored: StoredRecord = {
    v: encodeVersion(record.version),
    t: record.leaseTtlMs,
    ...(record.instance === undefined ? { k: record.instanceKey } : { i: record.instance }),
    ...(record.state === 'removed' && { r: record.reason }),
  };
  const json = JSON.stringify(stored);
  return checksumOf(storeKeyOf(record.key), json) + json;
}

/**
 * The JSON of a stored text.
 *
 * @throws Error when it is not what was written under this key
 */
export function verified(storeKey: string, text: string): string {
  const json = text.slice(checksumLength);
  if (text.slice(0, checksumLength) === checksumOf(storeKey, json)) return json;
  throw new Error(`the checksum of the record ${JSON.stringify(storeKey)} is wrong`);
}

/** @param json as {@link verified} returns it */
export function decodeRecord(json: string): RegistryRecord {
  const { v, t, i, k, r } = JSON.parse(json) as StoredRecord;
  const version = decodeVersion(v);
  const named = i ?? k;
  if (named === undefined) throw new Error('a stored record has no key');
  if (r === undefined && i !== undefined) return aliveRecord(keyOf(i), i, version, t);
  return {
    key: keyOf(named),
    instanceKey: toInstanceKey(named),
    state: 'removed',
    reason: r ?? 'expired',
    version,
    leaseTtlMs: t,
    ...(i !== undefined && { instance: i }),
  };
}

function checksumOf(storeKey: string, json: string): string {
  return crc32(json, crc32(storeKey)).toString(16).padStart(checksumLength, '0');
}
