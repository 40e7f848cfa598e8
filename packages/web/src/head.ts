import { validateHeaderValue } from 'node:http';
import type { Reply } from './reply.js';

/**
 * What the head of an answer says each time it is sent: names and values in turn.
 *
 * @param length bytes of the body; `undefined` when nobody can know
 */
export function headersOf(
  { status, contentType, headers }: Reply,
  length?: number,
  encoding?: 'gzip',
): string[] {
  // Caches between here and the caller must ask again each time: what is true of an instance changes by the second.
  const all = ['Cache-Control', 'no-cache'];
  if (contentType !== undefined) all.push('Content-Type', contentType);
  for (const name in headers) all.push(name, headers[name] as string);
  if (length !== undefined && status !== 204 && status !== 304) all.push('Content-Length', String(length));
  if (encoding !== undefined) all.push('Content-Encoding', encoding);
  return all;
}

/** Headers as they are written. Throws when a value would end its line. */
export function linesOf(headers: readonly string[]): string {
  let lines = '';
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    validateHeaderValue(name, value);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/** A reply that is kept and sent many times: what its head says each time is written once. */
export class KeptReply implements Reply {
  readonly status;
  readonly contentType;
  readonly headers;
  readonly body;
  readonly #lines: { plain?: string; gzip?: string } = {};

  constructor({ status, contentType, headers, body }: Reply) {
    this.status = status;
    this.contentType = contentType;
    this.headers = headers;
    this.body = body;
  }

  /** `headers` are always the same for an encoding. */
  linesFor(encoding: 'plain' | 'gzip' = 'plain', headers: () => readonly string[]): string {
    return (this.#lines[encoding] ??= linesOf(headers()));
  }
}
