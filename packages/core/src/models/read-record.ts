import type { Instance } from './instance.js';
import { keyOf } from './instance.js';
import { limits } from './limits.js';
import type { AgedRecord } from './peer.js';
import { decodeRecord, replicaRecordSchema } from './peer.js';
import type { Fields } from './plain.js';
import { isPlainInstance, isWhole, readPlainVersion } from './plain.js';
import { aliveRecord, isCoherent } from './record.js';

/** Longest lease, ms. */
const longestTtlMs = limits.leaseTtlSecs * 1000;

/**
 * Reads a record as peers send it: exactly what `replicaRecordSchema` and `decodeRecord` make of it, `undefined` when
 * either refuses it. Does not change the item.
 *
 * A whole table comes this way, record by record, and nearly all of it is plain: live, with the fields and characters
 * that are usual. Those are looked at here, at a fraction of what a schema costs, which copies what it checks; whatever
 * is out of the ordinary is left to the schema.
 */
export function readRecord(item: unknown): AgedRecord | undefined {
  const plain = typeof item === 'object' && item !== null ? readPlain(item as Fields) : undefined;
  if (plain !== undefined) return plain;
  const parsed = replicaRecordSchema.safeParse(item);
  return parsed.success ? decodeRecord(parsed.data) : undefined;
}

/** `undefined` says nothing of the item but that it is not plain. */
function readPlain(item: Fields): AgedRecord | undefined {
  const { replica, ...rest } = item;
  if (typeof replica !== 'object' || replica === null || !isPlainInstance(rest)) return undefined;
  const { version: sent, state, reason, age_ms: ageMs, lease_ttl_ms: leaseTtlMs } = replica as Fields;
  if (state !== 'alive' || reason !== undefined) return undefined;
  const version = readPlainVersion(sent);
  if (version === undefined) return undefined;
  if (!isWhole(ageMs, 0, Number.MAX_SAFE_INTEGER) || !isWhole(leaseTtlMs, 0, longestTtlMs)) return undefined;
  const instance = rest as unknown as Instance;
  const record = aliveRecord(keyOf(instance), instance, version, leaseTtlMs);
  return isCoherent(record) ? { record, ageMs } : undefined;
}
