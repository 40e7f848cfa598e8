import type { FuzzedRoute } from './schema-values.js';

/** How the bytes are brought to the node. */
export type Way =
  /** At once, on a connection that serves many requests. */
  | 'whole'
  /** At once, on a connection of its own, which the node may close. */
  | 'alone'
  /** In small pieces, with other work of the node between them. */
  | 'pieces'
  /** At once, and nothing more can come: the sending half of the connection is closed. */
  | 'half-closed'
  /** Half of it, and then the connection is reset: nobody waits for an answer. */
  | 'aborted';

/** One request, or what is meant to pass for one. */
export interface FuzzRequest {
  /** What it tries, in a few words. */
  readonly label: string;
  readonly way: Way;
  readonly bytes: Buffer;
  /** Method of the request line. */
  readonly method: string;
  /** The row of the route table that it goes to; `undefined` when it is to find none. */
  readonly route?: FuzzedRoute;
  /** JSON of the body as the node will read it. */
  readonly json?: string;
  /** The only statuses that are right; default: those of the document for the route. */
  readonly expected?: readonly number[];
  /** Whether it may stay without an answer. */
  readonly mayClose?: boolean;
  /** How many answers come, when it is several requests in one. Default 1. */
  readonly answers?: number;
}

export interface HttpParts {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: Buffer | string;
}

/** The bytes of an HTTP/1.1 request. Header values are written as Latin-1, as they are read. */
export function httpBytes({ method, target, headers, body }: HttpParts): Buffer {
  const content = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  const framing = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
  const length: [string, string][] =
    content === undefined || framing ? [] : [['Content-Length', String(content.length)]];
  const head = [...headers, ...length].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([
    Buffer.from(`${method} ${target} HTTP/1.1\r\n`, 'latin1'),
    Buffer.from(`${head}\r\n`, 'latin1'),
    content ?? Buffer.alloc(0),
  ]);
}

const shownBytes = 3_000;

/** The request for a person: the bytes, unprintable ones escaped, the long ones cut. */
export function show({ bytes }: FuzzRequest): string {
  const text = bytes.subarray(0, shownBytes).toString('latin1');
  const escaped = text.replace(/[^\x20-\x7e\n]/g, (char) =>
    char === '\r' ? '' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return bytes.length > shownBytes ? `${escaped}\n… ${bytes.length} bytes in all` : escaped;
}
