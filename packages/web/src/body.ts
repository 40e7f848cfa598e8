import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { ArtemisError } from '@artemis/core';
import { raw, type Response } from 'express';
import { notAsSaid, tooLarge } from './body-errors.js';
import { ClientGone } from './errors.js';
import { inflate } from './inflate.js';
import { parseJson } from './json-text.js';
import { quote } from './quote.js';
import { WholeRequest, type Taker } from './whole-request.js';

/**
 * Makes what reads and parses the body of a request. It fails with `wrong-media-type`, `too-large` or `malformed`.
 *
 * @param maxBytes limit of the inflated body
 */
export function jsonBodyReader(maxBytes: number): JsonReader {
  const unpack = unpacking(maxBytes);
  const stream = streaming(maxBytes);
  return (req, take, fail) => {
    const { 'content-encoding': encoding, 'content-length': length } = req.headers;
    checkMediaType(req.headers['content-type']);
    // A stream that has ended says nothing more: a body parser of the app around this one has read it.
    if (req.readableEnded) return take(parseBytes(bytesOfParsed((req as { body?: unknown }).body, maxBytes)));
    checkEncoding(encoding);
    // Known before a byte of it came. Compressed too: nothing worth sending compressed gets smaller when inflated.
    if (Number(length ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const whole = encoding === undefined ? collect : encoding === 'gzip' ? unpack : stream;
    const read = length === undefined ? stream : whole;
    return read(req, (bytes) => take(parseBytes(bytes)), fail);
  };
}

/**
 * Hands on the parsed body in the turn in which it is complete. When it is none, or `take` throws, it throws too if that
 * is still in the turn of the call, and calls `fail` later.
 */
type JsonReader = Reader<unknown>;
type Reader<T> = (req: IncomingMessage, take: (value: T) => void, fail: (error: unknown) => void) => void;

/** A body whose length is known, and within the limit: Node reads no more than that. */
const collect: Reader<Buffer> = (req, take, fail) => {
  const taker = {
    take: (body: Buffer) => attempt(() => take(body), fail),
    gone: () => fail(new ClientGone()),
  };
  if (!(req instanceof WholeRequest && req.takeWhole(taker))) collectStream(req, taker);
};

function collectStream(req: IncomingMessage, { take, gone }: Taker): void {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => take(Buffer.concat(chunks)));
  // The rest of the request will not come. Errors, which nobody listens to here, end in the same way.
  req.on('close', () => {
    if (!req.readableEnded) gone();
  });
}

/** Nobody above would catch what is thrown here. */
function attempt(task: () => void, fail: (error: unknown) => void): void {
  try {
    task();
  } catch (error) {
    fail(error);
  }
}

/** With gzip, and of known length, as peers send what is long. */
function unpacking(maxBytes: number): Reader<Buffer> {
  return (req, take, fail) => {
    const taken = (bytes: Buffer) => attempt(() => take(bytes), fail);
    collect(req, (packed) => inflate(packed, maxBytes, taken, fail), fail);
  };
}

/** Everything else: of unknown length, or compressed in another way. */
function streaming(maxBytes: number): Reader<Buffer> {
  const parse = raw({ type: () => true, limit: maxBytes });
  return (req, take, fail) => {
    // It leaves the response alone.
    parse(req, undefined as unknown as Response, (error?: unknown) => {
      const bytes = (req as { body?: unknown }).body;
      if (error !== undefined) fail(problemOf(error, maxBytes));
      else attempt(() => take(Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0)), fail);
    });
  };
}

/** What was parsed elsewhere is written and parsed again, so that every limit holds for it as for any other body. */
function bytesOfParsed(body: unknown, maxBytes: number): Buffer {
  if (body === undefined)
    throw new Error(
      'the body was read before, and not left in req.body: mount Artemis in front of what reads it',
    );
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : written(body));
  if (bytes.length > maxBytes) throw tooLarge(maxBytes);
  return bytes;
}

function written(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch {
    throw new ArtemisError('malformed', 'malformed JSON: nested too deep');
  }
}

function parseBytes(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new ArtemisError('malformed', 'the body is not UTF-8');
  return parseJson(bytes.toString('utf8'));
}

function checkMediaType(header: string | undefined): void {
  if (header === 'application/json') return;
  const [type = '', ...parameters] = (header ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  if (type !== 'application/json') {
    const got = type === '' ? 'none' : quote(type);
    throw new ArtemisError('wrong-media-type', `expected Content-Type application/json, got ${got}`);
  }
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) {
    throw new ArtemisError('wrong-media-type', `expected charset utf-8, got ${quote(charset)}`);
  }
}

function checkEncoding(header = 'identity'): void {
  if (/^\s*(identity|gzip|deflate)\s*$/i.test(header)) return;
  throw new ArtemisError(
    'wrong-media-type',
    `expected Content-Encoding gzip, deflate or identity, got ${quote(header)}`,
  );
}

/** What the body parser's error says of the request; its types are listed in its documentation. */
function problemOf(error: unknown, maxBytes: number): Error {
  const { type, status, message } = error as { type?: string; status?: number; message?: string };
  if (type === 'entity.too.large') return tooLarge(maxBytes);
  if (type === 'request.aborted') return new ClientGone();
  if (status === 400) return notAsSaid(message);
  return error instanceof Error ? error : new Error(String(error));
}
