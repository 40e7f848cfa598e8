import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib';
import { ArtemisError } from '@artemis/core';
import { ClientGone } from './errors.js';
import { parseJson } from './json-text.js';

/**
 * Reads the JSON body of a request. Throws an `ArtemisError`: `wrong-media-type`, `too-large` or `malformed`.
 * What is left of a refused body is read and dropped, so that the caller, who is still sending, gets the answer.
 *
 * @param maxBytes limit of the inflated body
 */
export async function readJsonBody(req: IncomingMessage, maxBytes: number): Promise<unknown> {
  // A stream that has ended says nothing more, and an application around this one may have read it.
  if (req.readableEnded) throw new Error('the body was read before: mount Artemis in front of body parsers');
  checkMediaType(req.headers['content-type']);
  // Known before a byte of it came. Compressed too: nothing worth sending compressed gets smaller when inflated.
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const inflater = inflaterOf(req.headers);
  const bytes = await collect(req, inflater, maxBytes);
  if (!isUtf8(bytes)) throw new ArtemisError('malformed', 'the body is not UTF-8');
  return parseJson(bytes.toString('utf8'));
}

function checkMediaType(header: string | undefined): void {
  const [type = '', ...parameters] = (header ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  if (type !== 'application/json') {
    const got = type === '' ? 'none' : JSON.stringify(type);
    throw new ArtemisError('wrong-media-type', `expected Content-Type application/json, got ${got}`);
  }
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) {
    throw new ArtemisError('wrong-media-type', `expected charset utf-8, got ${JSON.stringify(charset)}`);
  }
}

function inflaterOf(headers: IncomingHttpHeaders): Gunzip | Inflate | undefined {
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  switch (encoding) {
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    default:
      throw new ArtemisError(
        'wrong-media-type',
        `expected Content-Encoding gzip, deflate or identity, got ${JSON.stringify(encoding)}`,
      );
  }
}

function tooLarge(maxBytes: number): ArtemisError {
  return new ArtemisError('too-large', `the body is larger than ${maxBytes} bytes (server.max_body_bytes)`);
}

function collect(
  req: IncomingMessage,
  inflater: Gunzip | Inflate | undefined,
  maxBytes: number,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const source: Readable = inflater ?? req;
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (outcome: () => void) => {
      source.off('data', onData);
      req.off('close', onClose);
      if (inflater !== undefined) {
        req.unpipe(inflater);
        inflater.destroy();
      }
      req.resume();
      outcome();
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) settle(() => reject(tooLarge(maxBytes)));
      else chunks.push(chunk);
    };
    // A request that came in whole is closed too, perhaps before the last of it is inflated.
    const onClose = () => {
      if (!req.complete) settle(() => reject(new ClientGone()));
    };
    source.on('data', onData);
    source.once('end', () => settle(() => resolve(Buffer.concat(chunks, size))));
    req.once('close', onClose);
    req.on('error', onClose);
    inflater?.on('error', (error) => {
      const message = `the body is not what Content-Encoding says: ${error.message}`;
      settle(() => reject(new ArtemisError('malformed', message)));
    });
    if (inflater !== undefined) req.pipe(inflater);
  });
}
