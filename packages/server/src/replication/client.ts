/** The only file that speaks HTTP to peers. */
import type { Readable } from 'node:stream';
import type { PeerRequest, PeerResponse, PeerTransport, Scheduler, TransportFailure } from '@artemis/core';
import { Bag, TransportError } from '@artemis/core';
import { HttpAgent, HttpsAgent } from 'agentkeepalive';
import type { AxiosError, AxiosRequestConfig, AxiosResponse } from 'axios';
import type httpAdapter from 'axios/lib/adapters/http.js';
import { answerText } from './answer-text.js';
import { BodyEncoder } from './body-encoder.js';
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

/** Calls peers over HTTP/1.1 on connections that are kept. Proxies of the environment and redirects are not followed. */
export class HttpPeerTransport implements PeerTransport {
  readonly #options: Required<HttpPeerTransportOptions>;
  readonly #connection: AxiosRequestConfig;
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent };
  #send: Promise<typeof httpAdapter> | undefined;
  readonly #bodies: BodyEncoder;
  readonly #underWay = new Bag<CallAbort>();
  #closed = false;

  constructor(options: HttpPeerTransportOptions) {
    this.#options = { maxAnswerBytes: 64 * mebibyte, ...options };
    this.#bodies = new BodyEncoder(options.compressMinBytes);
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
      // It would do so by a stream of its own for each answer.
      decompress: false,
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
    const { headers, data } = await this.#bodies.encode(request.body);
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
    const received = plainHeaders(response);
    const encoding = received['content-encoding']?.toLowerCase();
    const text = await answerText(response.data, encoding, this.#options.maxAnswerBytes);
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
