import * as z from 'zod';
import type { Instance } from './instance.js';
import { instanceSchema, instanceStatusSchema, keyOf } from './instance.js';
import { limits } from './limits.js';
import { isMetadata } from './metadata.js';
import type { AgedRecord } from './peer.js';
import { decodeRecord, replicaRecordSchema } from './peer.js';
import { aliveRecord, isCoherent } from './record.js';

const urlSchema = instanceSchema.shape.url;
const byte = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
/** Nothing can be wrong with one of these that has visible characters only. */
const usualUrl = new RegExp(`^https?://${byte}(?:\\.${byte}){3}(?::\\d{1,4})?(?:/|$)`);
const statuses: ReadonlySet<unknown> = new Set(instanceStatusSchema.options);
/** Longest lease, ms. */
const longestTtlMs = limits.leaseTtlSecs * 1000;
const highestRound = 2 ** 31;

/** Fields of anything, as JSON has them. */
type Fields = Readonly<Record<string, unknown>>;

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
  const { version, state, reason, age_ms: ageMs, lease_ttl_ms: leaseTtlMs } = replica as Fields;
  if (state !== 'alive' || reason !== undefined || !Array.isArray(version) || version.length !== 4)
    return undefined;
  const [stamp, origin, round, owner] = version as unknown[];
  if (!isWhole(stamp, 0, Number.MAX_SAFE_INTEGER) || !isWhole(round, 0, highestRound)) return undefined;
  if (!isAscii(origin, 1, 2 * limits.idLength, firstVisible)) return undefined;
  if (!isAscii(owner, 0, limits.idLength, firstVisible)) return undefined;
  if (!isWhole(ageMs, 0, Number.MAX_SAFE_INTEGER) || !isWhole(leaseTtlMs, 0, longestTtlMs)) return undefined;
  const instance = rest as unknown as Instance;
  const record = aliveRecord(keyOf(instance), instance, { stamp, origin, round, owner }, leaseTtlMs);
  return isCoherent(record) ? { record, ageMs } : undefined;
}

/** Fields that every instance has. */
const needed = 8;

function isPlainInstance(item: Fields): boolean {
  const { group_id: group, machine_name: machine, protocol, health_check_url: check } = item;
  const { metadata, lease_ttl_secs: ttl } = item;
  const isWhatItMust =
    isId(item.region_id, 1) &&
    isId(item.zone_id, 1) &&
    isId(item.service_id, 1) &&
    isId(item.instance_id, 1) &&
    typeof item.ip === 'string' &&
    z.regexes.ipv4.test(item.ip) &&
    isWhole(item.port, 0, 65_535) &&
    isAscii(item.url, 1, limits.urlLength, firstVisible) &&
    (usualUrl.test(item.url) || urlSchema.safeParse(item.url).success) &&
    statuses.has(item.status) &&
    (group === undefined || isId(group, 0)) &&
    (machine === undefined || isShort(machine, limits.idLength)) &&
    (protocol === undefined || isShort(protocol, limits.idLength)) &&
    (check === undefined || isShort(check, limits.urlLength)) &&
    (metadata === undefined || isMetadata(metadata)) &&
    (ttl === undefined || isWhole(ttl, 1, limits.leaseTtlSecs));
  if (!isWhatItMust) return false;
  let known = needed;
  for (const value of [group, machine, protocol, check, metadata, ttl]) if (value !== undefined) known += 1;
  // Fields that this version does not know have limits of their own.
  return Object.keys(item).length === known;
}

const firstPrintable = 0x20;
const firstVisible = 0x21;
const lastAscii = 0x7e;
const slash = 0x2f;

/** Whether a text has so many characters, all of them ASCII from `first` to the tilde. */
function isAscii(value: unknown, least: number, most: number, first: number): value is string {
  if (typeof value !== 'string' || value.length < least || value.length > most) return false;
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code < first || code > lastAscii) return false;
  }
  return true;
}

function isId(value: unknown, least: number): boolean {
  if (!isAscii(value, least, limits.idLength, firstPrintable)) return false;
  return value === '' || (value.charCodeAt(0) !== slash && value.charCodeAt(value.length - 1) !== slash);
}

function isShort(value: unknown, most: number): boolean {
  return typeof value === 'string' && value.length <= most;
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}
