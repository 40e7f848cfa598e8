import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { Way } from './fuzz-request.js';

const patienceMs = 30_000;

export interface WireAnswer {
  readonly status: number;
  /** Names in lower case; a header that came twice is joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface WireTarget {
  readonly host: string;
  readonly port: number;
}

/**
 * A connection on which anything can be sent, and on which answers of HTTP/1.1 are read. Node's own client would not
 * send most of what is to be sent here.
 */
export class Wire {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    // A reset is an end like any other here.
    socket.on('error', end).on('end', end).on('close', end);
  }

  static async open({ host, port }: WireTarget): Promise<Wire> {
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
    await once(socket, 'connect');
    return new Wire(socket);
  }

  /** Whether another request can be sent on it. */
  get usable(): boolean {
    return !this.#ended && this.#received.length === 0;
  }

  async send(bytes: Buffer, way: Way): Promise<void> {
    if (way === 'aborted') {
      this.socket.write(bytes.subarray(0, Math.ceil(bytes.length / 2)));
      await turn();
      this.socket.resetAndDestroy();
    } else if (way === 'pieces') {
      const size = Math.max(1, Math.ceil(bytes.length / 7));
      for (let at = 0; at < bytes.length; at += size) {
        this.socket.write(bytes.subarray(at, at + size));
        await turn();
      }
    } else {
      this.socket.write(bytes);
      if (way === 'half-closed') this.socket.end();
    }
  }

  /** The next answer; `undefined` when the connection ended before it was whole. */
  async answer(method: string): Promise<WireAnswer | undefined> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const parsed = parseAnswer(this.#received, method, this.#ended);
      if (parsed !== undefined) {
        this.#received = this.#received.subarray(parsed.length);
        if (parsed.answer.status >= 200) return parsed.answer;
        continue;
      }
      if (this.#ended) return undefined;
      await this.#more(deadline - performance.now());
    }
  }

  close(): void {
    this.socket.destroy();
  }

  #more(remainingMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new Error(
              `no whole answer within ${patienceMs} ms: ${this.#received.toString('latin1', 0, 300)}`,
            ),
          ),
        remainingMs,
      );
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve();
      };
    });
  }
}

/** The first whole answer in the bytes and its length, `undefined` when more must come. */
function parseAnswer(
  bytes: Buffer,
  method: string,
  ended: boolean,
): { answer: WireAnswer; length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const [, code] = /^HTTP\/1\.1 (\d{3})/.exec(statusLine) ?? [];
  if (code === undefined) throw new Error(`no answer of HTTP/1.1: ${statusLine.slice(0, 100)}`);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const status = Number(code);
  const body = bytes.subarray(headEnd + 4);
  const found = bodyIn(body, { status, headers, method, ended });
  if (found === undefined) return undefined;
  const answer = {
    status,
    headers,
    text: inflated(found.content, headers['content-encoding']).toString('utf8'),
  };
  return { answer, length: headEnd + 4 + found.length };
}

function inflated(content: Buffer, encoding: string | undefined): Buffer {
  if (encoding === undefined || content.length === 0) return content;
  const inflate = { gzip: gunzipSync, deflate: inflateSync, br: brotliDecompressSync }[encoding];
  if (inflate === undefined) throw new Error(`an answer in the encoding ${encoding}`);
  return inflate(content);
}

interface Framing {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly method: string;
  readonly ended: boolean;
}

function bodyIn(
  bytes: Buffer,
  { status, headers, method, ended }: Framing,
): { content: Buffer; length: number } | undefined {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304)
    return { content: Buffer.alloc(0), length: 0 };
  if (headers['transfer-encoding'] === 'chunked') return chunksIn(bytes);
  if (headers['content-length'] === undefined)
    return ended ? { content: bytes, length: bytes.length } : undefined;
  const length = Number(headers['content-length']);
  return bytes.length < length ? undefined : { content: bytes.subarray(0, length), length };
}

function chunksIn(bytes: Buffer): { content: Buffer; length: number } | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (bytes.length < next) return undefined;
    if (size === 0) return { content: Buffer.concat(chunks), length: next };
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
}
