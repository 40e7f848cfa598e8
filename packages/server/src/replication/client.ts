/** The only file that speaks HTTP to peers. */
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type {
  JsonBody,
  PeerRequest,
  PeerResponse,
  PeerTransport,
  Scheduler,
  TransportFailure,
} from '@artemis/core';
import { Bag, JsonPieces, TransportError } from '@artemis/core';
import { HttpAgent, HttpsAgent } from 'agentkeepalive';
import type { AxiosError, AxiosRequestConfig, AxiosResponse } from 'axios';
import type httpAdapter from 'axios/lib/adapters/http.js';
import { CallAbort } from './call-abort.js';

export interface HttpPeerTransportOptions {
  /** Connections that may be open to one peer; further calls wait for a free one, and their time-out runs. */
  readonly maxConnectionsPerPeer: number;
  /** Bodies of more bytes than this are sent with gzip. */
  readonly compressMinBytes: number;
  readonly scheduler: Scheduler;
  /** Largest body of an answer, in bytes after decompression. Default 64 MiB. */
  readonly maxAnswerBytes?: number;
}

const mebibyte = 1024 * 1024;
/** What axios asks of every connection: another value here would be set by turns, with two system calls per request. */
const keepAliveMsecs = 60_000;
/** Bytes of a body after which the memory for it is kept for the next one. */
const mostKept = mebibyte;
const gzipAsync = promisify(gzip);

interface EncodedBody {
  readonly headers: Readonly<Record<string, string>>;
  readonly data?: Buffer;
}

const noBody: EncodedBody = { headers: {} };
const jsonHeaders = { 'content-type': 'application/json' };

/** Calls peers over HTTP/1.1 on connections that are kept. Proxies of the environment and redirects are not followed. */
export class HttpPeerTransport implements PeerTransport {
  readonly #options: Required<HttpPeerTransportOptions>;
  readonly #connection: AxiosRequestConfig;
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent };
  #send: Promise<typeof httpAdapter> | undefined;
  readonly #large = new WeakMap<object, Promise<EncodedBody>>();
  /** What bodies are written with, unless what it wrote is being packed. */
  #pieces: JsonPieces | undefined;
  readonly #underWay = new Bag<CallAbort>();
  #closed = false;

  constructor(options: HttpPeerTransportOptions) {
    this.#options = { maxAnswerBytes: 64 * mebibyte, ...options };
    const { maxConnectionsPerPeer: maxSockets } = options;
    // No idle time-out of the agent while a call is under way: the call has its own, for the whole of it.
    const pool = { maxSockets, maxFreeSockets: maxSockets, timeout: 0, keepAliveMsecs };
    this.#agents = { http: new HttpAgent(pool), https: new HttpsAgent(pool) };
    this.#connection = {
      httpAgent: this.#agents.http,
      httpsAgent: this.#agents.https,
      proxy: false,
      maxRedirects: 0,
      responseType: 'stream',
    };
  }

  async call(peerUrl: string, request: PeerRequest): Promise<PeerResponse> {
    const what = `${request.method} ${peerUrl}${request.path}`;
    if (this.#closed) throw new TransportError('closed', `${what}: the transport is closed`);
    const abort = new CallAbort();
    const ended = this.#underWay.add(abort);
    const cancel = this.#options.scheduler.after(request.timeoutMs, () => {
      abort.abort(new TransportError('timeout', `no complete answer in ${request.timeoutMs} ms`));
    });
    try {
      return await this.#exchange(peerUrl, request, abort);
    } catch (error) {
      throw toTransportError(abort.reason ?? error, what);
    } finally {
      cancel();
      ended();
    }
  }

  close(): void {
    this.#closed = true;
    for (const abort of this.#underWay) {
      abort.abort(new TransportError('closed', 'the transport was closed during the call'));
    }
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  async #exchange(peerUrl: string, request: PeerRequest, signal: CallAbort): Promise<PeerResponse> {
    const { headers, data } = await this.#encode(request);
    this.#send ??= this.#load();
    const send = await this.#send;
    const response = (await send({
      method: request.method,
      url: peerUrl + request.path,
      headers: {
        accept: 'application/json',
        'accept-encoding': 'gzip',
        ...request.headers,
        ...headers,
      },
      data,
      signal,
      ...this.#connection,
    })) as AxiosResponse<Readable>;
    const text = await readText(response.data, this.#options.maxAnswerBytes);
    const received = plainHeaders(response);
    return {
      status: response.status,
      headers: received,
      body: parseBody(text, response.status, received['content-type']),
    };
  }

  /**
   * With the first call: a node without peers starts without it. Only what speaks HTTP is used of axios: to merge its
   * defaults, interceptors and transformations anew for each call takes as long again.
   */
  async #load(): Promise<typeof httpAdapter> {
    return (await import('axios/lib/adapters/http.js')).default;
  }

  /** A body that goes to several peers is the same object for each of them. */
  #encode({ body }: PeerRequest): EncodedBody | Promise<EncodedBody> {
    if (body === undefined) return noBody;
    const known = this.#large.get(body as object);
    if (known !== undefined) return known;
    if (isJsonBody(body)) return this.#write(body);
    const data = Buffer.from(JSON.stringify(body));
    if (data.length <= this.#options.compressMinBytes) return { headers: jsonHeaders, data };
    const packed = pack(data);
    if (typeof body === 'object' && body !== null) this.#large.set(body, packed);
    return packed;
  }

  #write(body: JsonBody): EncodedBody | Promise<EncodedBody> {
    const pieces = this.#pieces ?? new JsonPieces();
    this.#pieces = undefined;
    body.writeJson(pieces);
    const bytes = pieces.take();
    if (bytes.length <= this.#options.compressMinBytes) {
      this.#pieces = pieces;
      return { headers: jsonHeaders, data: Buffer.from(bytes) };
    }
    const packed = pack(bytes).finally(() => {
      if (bytes.length <= mostKept) this.#pieces = pieces;
    });
    this.#large.set(body, packed);
    return packed;
  }
}

function isJsonBody(body: unknown): body is JsonBody {
  return typeof body === 'object' && body !== null && 'writeJson' in body;
}

/** Records repeat themselves: the fastest level finds most of what there is to save. */
async function pack(data: Uint8Array): Promise<EncodedBody> {
  const packed = await gzipAsync(data, { level: constants.Z_BEST_SPEED });
  return { headers: { ...jsonHeaders, 'content-encoding': 'gzip' }, data: packed };
}

function readText(stream: Readable, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      // Ends the connection.
      else stream.destroy(new TransportError('too-large', `the answer exceeds ${maxBytes} bytes`));
    });
    stream.on('end', () => resolve(Buffer.concat(chunks, length).toString('utf8')));
    stream.on('error', reject);
    stream.on('close', () => {
      if (!stream.readableEnded)
        reject(new TransportError('reset', 'the connection ended before the answer did'));
    });
  });
}

/** A status that is no success says enough by itself, whatever some proxy on the way put into its body. */
function parseBody(text: string, status: number, contentType: string | undefined): unknown {
  if (text === '') return undefined;
  if (contentType !== undefined && !/^application\/(?:.+\+)?json\b/i.test(contentType)) return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (status < 200 || status > 299) return text;
    throw new TransportError('unparsable', `the answer is no JSON: ${(error as Error).message}`);
  }
}

function plainHeaders(response: AxiosResponse): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return headers;
}

const failures: Readonly<Record<string, TransportFailure>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ERR_STREAM_PREMATURE_CLOSE: 'reset',
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
  ETIMEDOUT: 'timeout',
  HPE_HEADER_OVERFLOW: 'too-large',
};

function failureOf(code: string): TransportFailure {
  // Bytes that are no HTTP (HPE_…) or no gzip (Z_…).
  return failures[code] ?? (/^(?:HPE|Z)_/.test(code) ? 'unparsable' : 'other');
}

/** The error of axios is left out: it holds the request with its headers, and so the secret of the cluster. */
function toTransportError(error: unknown, what: string): TransportError {
  if (error instanceof TransportError) return new TransportError(error.kind, `${what}: ${error.message}`);
  const { code, message, isAxiosError, cause } = error as Partial<AxiosError>;
  const kind = typeof code === 'string' ? failureOf(code) : 'other';
  const inner = isAxiosError === true ? cause : error;
  return new TransportError(kind, `${what}: ${String(message)}`, inner);
}
