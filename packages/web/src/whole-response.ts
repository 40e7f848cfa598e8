import { ServerResponse, STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Bytes } from './encoded.js';

/** Longer than load balancers keep idle connections (60 s is usual): they, not this side, end them. */
export const keepAliveMs = 65_000;

/** What Node says at the end of every head of a connection that goes on. */
const keptAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveMs / 1000}\r\n\r\n`;

/** The time of day as HTTP writes it (RFC 9110, 5.6.7), which stays the same for a second. */
class DateText {
  #second = NaN;
  #text = '';

  of(nowMs: number): string {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = new Date(second * 1000).toUTCString();
    }
    return this.#text;
  }
}

const dateText = new DateText();

/**
 * A response that can leave in one piece, for servers with {@link keepAliveMs}. Node puts a head together from names and
 * values, each of which it checks anew, and hands head, body and end to the system as three pieces: a fifth of what a
 * heartbeat costs. Whoever does not ask for that has the response as Node makes it, and both are the same to the byte.
 */
export class WholeResponse<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  /** Node's own: the head that goes out with the first piece of the body. It has been there since the first releases. */
  declare _header: string | null;

  /**
   * Answers whether it is sent: not when something about it is unusual, and then it is as it was before.
   *
   * @param lines of the head, each with its end, but for those on the date and on the connection
   * @param nowMs Unix milliseconds
   */
  sendWhole(status: number, lines: string, body: Bytes, nowMs: number): boolean {
    if (!this.#isUsual()) return false;
    this.statusCode = status;
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n${lines}Date: ${dateText.of(nowMs)}\r\n${keptAlive}`;
    if (typeof body === 'string') {
      this._header = head + body;
      this.end();
    } else {
      this._header = head;
      this.end(body);
    }
    return true;
  }

  /** The connection goes on afterwards, and nobody has set a header of his own. */
  #isUsual(): boolean {
    return (
      this._header === null &&
      this.shouldKeepAlive &&
      this.useChunkedEncodingByDefault &&
      this.req.method !== 'HEAD' &&
      this.getHeaderNames().length === 0
    );
  }
}
