import type { IncomingMessage, ServerResponse } from 'node:http';
import { ArtemisError, type AppState } from '@artemis/core';
import { compress } from './compress.js';
import { corsHeaders } from './cors.js';
import { accepted, bytesOfText, type Bytes } from './encoded.js';
import { ClientGone, errorReply } from './errors.js';
import { headersOf, KeptReply, linesOf } from './head.js';
import type { Reply } from './reply.js';
import { WholeResponse } from './whole-response.js';

/** Route label of a path that is not in the table: raw paths would make a metric of their own each. */
const unmatched = 'unmatched';

/** Status that is counted when the client left before it was answered; the name of it is nginx's. */
const clientClosedRequest = 499;

/** A request id of the caller is taken if it is harmless in a header and in a log line. */
const saneRequestId = /^[\w.:-]{1,128}$/;

/**
 * A request and its answer, whichever way it comes in. Names the request, and when it is over counts and logs it. All
 * headers of an answer are put together here, and written at once.
 */
export class Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly requestId: string;
  /** Path of the route table, once it is found. */
  route = unmatched;
  readonly #state: AppState;
  readonly #startedMs: number;

  constructor(state: AppState, req: IncomingMessage, res: ServerResponse) {
    this.#state = state;
    this.req = req;
    this.res = res;
    const given = req.headers['x-request-id'];
    this.requestId = typeof given === 'string' && saneRequestId.test(given) ? given : state.random.id(12);
    this.#startedMs = state.time.monotonicMs();
    res.on('close', () => this.#close());
  }

  /** Throws `malformed` when the request breaks the protocol in a way that the listener lets pass. */
  requireHost(): void {
    // Answered by Node itself, it would be answered without a word.
    if (this.req.httpVersion === '1.1' && this.req.headers.host === undefined)
      throw new ArtemisError('malformed', 'the Host header is missing');
  }

  /** Sends a reply, at once or when it is there; what becomes of it is seen to. */
  settle(reply: Reply | Promise<Reply>): void {
    const sent = 'then' in reply ? reply.then((one) => this.#send(one)) : this.#send(reply);
    sent?.catch((error: unknown) => this.fail(error));
  }

  /** What it returns resolves when all of the reply is handed over, or the reader is gone; `undefined`: it is already. */
  #send(reply: Reply): Promise<void> | undefined {
    const { req, res } = this;
    if (res.destroyed) return undefined;
    const { body } = reply;
    if (body === undefined) this.#end(reply, '');
    else if (typeof body === 'string') this.#sendPlain(reply, bytesOfText(body));
    else if ('plain' in body) {
      if (accepted(req.headers['accept-encoding'], body) === 'plain') this.#sendPlain(reply, body.plain);
      else if (body.packed === undefined) return body.pack().then((bytes) => this.#sendPacked(reply, bytes));
      else this.#sendPacked(reply, body.packed);
    } else {
      compress(this, Infinity);
      this.#writeHead(reply, headersOf(reply));
      return (req.method === 'HEAD' ? Promise.resolve() : stream(res, body)).then(() => void res.end());
    }
    return undefined;
  }

  #sendPlain(reply: Reply, bytes: Bytes): void {
    if (compress(this, bytes.length)) this.#endInParts(reply, bytes, headersOf(reply, bytes.length));
    else this.#end(reply, bytes);
  }

  #sendPacked(reply: Reply, bytes: Bytes): void {
    if (!this.res.destroyed) this.#end(reply, bytes, 'gzip');
  }

  /** Ends the answer with these bytes, as they are. */
  #end(reply: Reply, bytes: Bytes, encoding?: 'gzip'): void {
    const { res } = this;
    const headers = () => headersOf(reply, bytes.length, encoding);
    if (res instanceof WholeResponse) {
      const lines = reply instanceof KeptReply ? reply.linesFor(encoding, headers) : linesOf(headers());
      const all = linesOf(this.#ownHeaders(reply)) + lines;
      if (res.sendWhole(reply.status, all, bytes, this.#state.time.wallMs())) return;
    }
    this.#endInParts(reply, bytes, headers());
  }

  #endInParts(reply: Reply, bytes: Bytes, headers: readonly string[]): void {
    this.#writeHead(reply, headers);
    if (typeof bytes === 'string') this.res.end(bytes, 'latin1');
    else this.res.end(bytes);
  }

  /** Answers an error, whatever it is. */
  fail(error: unknown): void {
    const { req, res, requestId } = this;
    if (error instanceof ClientGone) {
      res.destroy();
      return;
    }
    const where = { requestId, method: req.method ?? '', path: (req.url ?? '').replace(/[?#].*$/s, '') };
    const reply = errorReply(error, where, this.#state.logger);
    try {
      // Half an answer cannot be taken back: an aborted connection tells the reader that it is not whole.
      if (res.headersSent) res.destroy();
      else void this.#send(reply);
    } catch {
      res.destroy();
    }
  }

  #writeHead(reply: Reply, headers: readonly string[]): void {
    this.res.writeHead(reply.status, this.#ownHeaders(reply).concat(headers));
  }

  /**
   * What differs from answer to answer: names and values in turn. `X-Artemis-Clock` is read here, last of all, so that it
   * is never older than what the request wrote.
   */
  #ownHeaders(reply: Reply): string[] {
    const { http, clock } = this.#state;
    const { allowedOrigins, nodeId } = http;
    const headers = ['X-Request-Id', this.requestId, 'X-Artemis-Node', nodeId];
    headers.push('X-Artemis-Clock', String(clock.stamp()));
    // What the answer depends on besides the path: who asks, whether or not this one may read it, and what he can read.
    const hasBody = reply.body !== undefined;
    if (allowedOrigins.length > 0) {
      headers.push('Vary', hasBody ? 'Origin, Accept-Encoding' : 'Origin');
      headers.push(...corsHeaders(allowedOrigins, this.req));
    } else if (hasBody) headers.push('Vary', 'Accept-Encoding');
    return headers;
  }

  #close(): void {
    const { req, res, route, requestId } = this;
    const { time, metrics, logger } = this.#state;
    const seconds = (time.monotonicMs() - this.#startedMs) / 1000;
    const status = res.writableFinished ? res.statusCode : clientClosedRequest;
    metrics.observe({ method: req.method ?? '', route, status, seconds });
    logger.debug(`${req.method} ${targetOf(req)} ${status}`, {
      request_id: requestId,
      ms: Math.round(seconds * 1000),
    });
  }
}

/** As it was sent: within another app, `url` lacks what that app has taken off. */
function targetOf(req: IncomingMessage & { readonly originalUrl?: string }): string {
  return req.originalUrl ?? req.url ?? '';
}

/**
 * Writes only as fast as the reader takes it. Each listener is added once and stays: one for `drain` ends up at the stream
 * that compresses, from which the response cannot take it back.
 */
async function stream(res: ServerResponse, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  let goOn = (): void => undefined;
  for (const event of ['drain', 'close']) res.on(event, () => goOn());
  for await (const chunk of chunks) {
    if (res.destroyed) return;
    if (!res.write(chunk) && !res.destroyed) await new Promise<void>((resolve) => (goOn = resolve));
    if (res.destroyed) return;
  }
}
