import { keyOf } from './instance.js';
import { renewalSchema } from './peer.js';
import type { Fields } from './plain.js';
import { isWhole, readPlainKey } from './plain.js';
import type { Version } from './version.js';
import { decodeVersion } from './version.js';

/** A renewal as a node acts on it. */
export interface ReadRenewal {
  /** Canonical key. */
  readonly key: string;
  readonly version: Version;
  readonly ageMs: number;
}

/**
 * Reads a renewal as peers send it: exactly what `renewalSchema` makes of it, `undefined` when it refuses it. They come
 * by the ten thousand, and what is plain costs a fraction of what the schema does.
 */
export function readRenewal(item: unknown): ReadRenewal | undefined {
  const plain = typeof item === 'object' && item !== null ? readPlain(item as Fields) : undefined;
  if (plain !== undefined) return plain;
  const parsed = renewalSchema.safeParse(item);
  if (!parsed.success) return undefined;
  const { version, age_ms: ageMs } = parsed.data;
  return { key: keyOf(parsed.data), version: decodeVersion(version), ageMs };
}

/** `undefined` says nothing of the item but that it is not plain. */
function readPlain(item: Fields): ReadRenewal | undefined {
  const { age_ms: ageMs } = item;
  if (!isWhole(ageMs, 0, Number.MAX_SAFE_INTEGER)) return undefined;
  const plain = readPlainKey(item);
  return plain && { key: plain.key, version: plain.version, ageMs };
}
