/** How a stored record is guarded: a checksum in front of its JSON. Knows nothing of what the JSON says. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Characters of the checksum in front of the JSON. */
const checksumLength = 8;
/** Longer ones are hashed: lmdb takes keys of up to 1978 bytes, and canonical keys may have six times as many. */
const longestKeyBytes = 500;

/** The key in the store of a canonical key. A canonical key holds U+001F, a hash does not, so the two never meet. */
export function storeKeyOf(key: string): string {
  if (Buffer.byteLength(key) <= longestKeyBytes) return key;
  return createHash('sha256').update(key).digest('hex');
}

/** The text that stands in the store under that key. */
export function guarded(storeKey: string, json: string): string {
  return checksumOf(storeKey, json) + json;
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

function checksumOf(storeKey: string, json: string): string {
  return crc32(json, crc32(storeKey)).toString(16).padStart(checksumLength, '0');
}
