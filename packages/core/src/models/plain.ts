/** Looks at what comes from outside without a schema, for what is usual: at a fraction of the cost, and without a copy. */
import * as z from 'zod';
import { instanceSchema, instanceStatusSchema, keyTextOf } from './instance.js';
import { limits } from './limits.js';
import { isMetadata } from './metadata.js';
import type { Version } from './version.js';

const urlSchema = instanceSchema.shape.url;
const byte = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
/** Nothing can be wrong with one of these that has visible characters only. */
const usualUrl = new RegExp(`^https?://${byte}(?:\\.${byte}){3}(?::\\d{1,4})?(?:/|$)`);
const statuses: ReadonlySet<unknown> = new Set(instanceStatusSchema.options);
const highestRound = 2 ** 31;

/** Fields of anything, as JSON has them. */
export type Fields = Readonly<Record<string, unknown>>;

/** Fields that every instance has. */
const needed = 8;

/** Whether it is a valid instance without `null`s, unknown fields, and anything else that is unusual. */
export function isPlainInstance(item: Fields): boolean {
  const { group_id: group, machine_name: machine, protocol, health_check_url: check } = item;
  const { metadata, lease_ttl_secs: ttl } = item;
  const isWhatItMust =
    isPlainId(item.region_id, 1) &&
    isPlainId(item.zone_id, 1) &&
    isPlainId(item.service_id, 1) &&
    isPlainId(item.instance_id, 1) &&
    typeof item.ip === 'string' &&
    z.regexes.ipv4.test(item.ip) &&
    isWhole(item.port, 0, 65_535) &&
    isAscii(item.url, 1, limits.urlLength, firstVisible) &&
    (usualUrl.test(item.url) || urlSchema.safeParse(item.url).success) &&
    statuses.has(item.status) &&
    (group === undefined || isPlainId(group, 0)) &&
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

/** Whether it is a valid id of ASCII characters. */
function isPlainId(value: unknown, least: number): boolean {
  if (!isAscii(value, least, limits.idLength, firstPrintable)) return false;
  return value === '' || (value.charCodeAt(0) !== slash && value.charCodeAt(value.length - 1) !== slash);
}

function isShort(value: unknown, most: number): boolean {
  return typeof value === 'string' && value.length <= most;
}

export function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** The canonical key and the version of what has both; `undefined` says nothing of the item but that it is not plain. */
export function readPlainKey(item: Fields): { readonly key: string; readonly version: Version } | undefined {
  const { group_id: group = null } = item;
  if (group !== null && !isPlainId(group, 0)) return undefined;
  if (!isPlainId(item.region_id, 1) || !isPlainId(item.zone_id, 1)) return undefined;
  if (!isPlainId(item.service_id, 1) || !isPlainId(item.instance_id, 1)) return undefined;
  const version = readPlainVersion(item.version);
  const key = keyTextOf(item);
  return version === undefined || key === undefined ? undefined : { key, version };
}

/** A version on the wire; `undefined` says nothing of it but that it is not plain. */
export function readPlainVersion(version: unknown): Version | undefined {
  if (!Array.isArray(version) || version.length !== 4) return undefined;
  const [stamp, origin, round, owner] = version as unknown[];
  if (!isWhole(stamp, 0, Number.MAX_SAFE_INTEGER) || !isWhole(round, 0, highestRound)) return undefined;
  if (!isAscii(origin, 1, 2 * limits.idLength, firstVisible)) return undefined;
  if (!isAscii(owner, 0, limits.idLength, firstVisible)) return undefined;
  return { stamp, origin, round, owner };
}
