import type { VersionedKey } from './exchange.js';
import { versionedKeySchema } from './exchange.js';
import type { InstanceKey } from './instance.js';
import { keyOf, toInstanceKey } from './instance.js';
import type { Fields } from './plain.js';
import { readPlainKey } from './plain.js';
import type { Version } from './version.js';
import { decodeVersion } from './version.js';

/** A live record as a peer lists it. */
export interface ReadVersionedKey {
  /** Canonical key. */
  readonly key: string;
  readonly instanceKey: InstanceKey;
  readonly version: Version;
}

/**
 * Reads a key with its version as peers list them: exactly what `versionedKeySchema` makes of it, `undefined` when it
 * refuses it. What is plain costs a fraction of what the schema does.
 */
export function readVersionedKey(item: unknown): ReadVersionedKey | undefined {
  const plain = typeof item === 'object' && item !== null ? readPlainKey(item as Fields) : undefined;
  if (plain !== undefined)
    return { key: plain.key, instanceKey: toInstanceKey(item as VersionedKey), version: plain.version };
  const parsed = versionedKeySchema.safeParse(item);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  return { key: keyOf(data), instanceKey: toInstanceKey(data), version: decodeVersion(data.version) };
}
