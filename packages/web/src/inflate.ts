import { gunzip, gunzipSync } from 'node:zlib';
import type { ArtemisError } from '@artemis/core';
import { notAsSaid, tooLarge } from './body-errors.js';

/** Up to so many bytes are inflated at once: to have another thread do it takes a fifth of a millisecond of this one. */
const atOnce = 262_144;

/**
 * Hands on what was packed with gzip: at once where it is not much, and calls `fail` with what is wrong otherwise. Throws
 * `malformed` or `too-large` where that is known at once.
 *
 * @param maxBytes limit of the inflated bytes, however few those are that came
 */
export function inflate(
  packed: Buffer,
  maxBytes: number,
  take: (bytes: Buffer) => void,
  fail: (error: unknown) => void,
): void {
  const bytes = inflatedAtOnce(packed, maxBytes);
  if (bytes !== undefined) return take(bytes);
  gunzip(packed, { maxOutputLength: maxBytes }, (error, inflated) =>
    error === null ? take(inflated) : fail(problemOf(error, maxBytes)),
  );
}

/** `undefined` when that would take long. */
function inflatedAtOnce(packed: Buffer, maxBytes: number): Buffer | undefined {
  if (packed.length > atOnce) return undefined;
  try {
    return gunzipSync(packed, { maxOutputLength: Math.min(atOnce, maxBytes) });
  } catch (error) {
    if (isTooLong(error) && maxBytes > atOnce) return undefined;
    throw problemOf(error as Error, maxBytes);
  }
}

const isTooLong = (error: unknown): boolean => (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE';

function problemOf(error: Error, maxBytes: number): ArtemisError {
  return isTooLong(error) ? tooLarge(maxBytes) : notAsSaid(error.message);
}
