import { promisify } from 'node:util';
import { constants, gunzip, gunzipSync, gzip, gzipSync } from 'node:zlib';

/**
 * Up to so many bytes are packed, or unpacked, at once. To have another thread do it takes a fifth of a millisecond of this
 * one, in which most that nodes tell each other is done.
 */
const packedAtOnce = 65_536;
const unpackedAtOnce = 262_144;
/** Records repeat themselves: the fastest level finds most of what there is to save. */
const fastest = { level: constants.Z_BEST_SPEED };

const gzipAsync = promisify(gzip);
const gunzipAsync = promisify(gunzip);

/** With gzip; the bytes must not change before it is done. */
export function pack(bytes: Uint8Array): Buffer | Promise<Buffer> {
  return bytes.length <= packedAtOnce ? gzipSync(bytes, fastest) : packApart(bytes);
}

/** The same in another thread, whatever the length: hashes, which hardly repeat anything, take five times as long. */
export function packApart(bytes: Uint8Array): Promise<Buffer> {
  return gzipAsync(bytes, fastest);
}

/**
 * What was packed with gzip. Throws, or rejects with, an error of zlib: `ERR_BUFFER_TOO_LARGE` when it has more than
 * `maxBytes`, however few it was packed into.
 */
export function unpack(packed: Uint8Array, maxBytes: number): Buffer | Promise<Buffer> {
  if (packed.length <= unpackedAtOnce) {
    try {
      return gunzipSync(packed, { maxOutputLength: Math.min(unpackedAtOnce, maxBytes) });
    } catch (error) {
      if (!isTooLarge(error) || maxBytes <= unpackedAtOnce) throw error;
    }
  }
  return gunzipAsync(packed, { maxOutputLength: maxBytes });
}

export function isTooLarge(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
}
