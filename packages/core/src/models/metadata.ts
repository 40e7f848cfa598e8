import * as z from 'zod';
import { limits } from './limits.js';

export type Metadata = Readonly<Record<string, string>>;

/** UTF-8 bytes; no further than to `most` characters, each of which takes a byte at least. Makes no copy of the text. */
function bytesOf(text: string, most: number): number {
  let bytes = text.length;
  if (bytes > most) return bytes;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    // A pair of surrogates takes four bytes, two for each.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

/** Whether {@link metadataSchema} takes it. */
export function isMetadata(value: unknown): value is Metadata {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  let entries = 0;
  let bytes = 0;
  for (const name in value) {
    entries += 1;
    const text = (value as Readonly<Record<string, unknown>>)[name];
    if (entries > limits.metadataEntries || typeof text !== 'string') return false;
    bytes += bytesOf(name, limits.metadataBytes) + bytesOf(text, limits.metadataBytes);
    if (bytes > limits.metadataBytes) return false;
  }
  return true;
}

/**
 * What an instance says of itself besides its fields. Looked at entry by entry and no further than the limits: a body
 * can hold a hundred thousand entries, of which a schema of names and values would look at each before it counts them.
 */
export const metadataSchema = z
  .unknown()
  .check(({ value, issues }) => {
    const problem = (message: string): void => void issues.push({ code: 'custom', message, input: value });
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return problem('expected an object whose values are strings');
    let entries = 0;
    let bytes = 0;
    for (const name in value) {
      entries += 1;
      if (entries > limits.metadataEntries)
        return problem(`expected at most ${limits.metadataEntries} entries`);
      const text = (value as Readonly<Record<string, unknown>>)[name];
      if (typeof text !== 'string')
        return void issues.push({ code: 'invalid_type', expected: 'string', path: [name], input: text });
      bytes += bytesOf(name, limits.metadataBytes) + bytesOf(text, limits.metadataBytes);
      if (bytes > limits.metadataBytes)
        return problem(`expected at most ${limits.metadataBytes} bytes of names and values`);
    }
  })
  .meta({
    type: 'object',
    maxProperties: limits.metadataEntries,
    additionalProperties: { type: 'string' },
    // The check has seen to it; a schema that says so by itself would look at everything first.
  }) as z.ZodType<Metadata>;
