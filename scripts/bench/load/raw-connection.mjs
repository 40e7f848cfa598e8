// The plainest client of HTTP: keep-alive, requests that were encoded before, and of an answer only its status and its
// end. Why not a library: with autocannon the bare server was busy for only three quarters of its core, so that the
// ratio of two servers would have come out too good; and it has no open loop, which the times need.
import { connect } from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');

/** What all connections read into, one after the other: answers of 100 KB would otherwise be mostly garbage to collect. */
const incoming = Buffer.allocUnsafeSlow(256 * 1024);

/** The bytes of a request; `headers` beside Host, and Content-Length where there is a body. */
export function encodeRequest(method, path, { body, headers = {} } = {}) {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1'];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined)
    lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
}

/** One connection with at most one request under way. */
export class RawConnection {
  #onAnswer;
  #rest;
  /** Bytes of the body that are still to come; `undefined` between answers, Infinity for a body in chunks. */
  #missing;
  #length;
  #status = 0;

  /** `onFailure` is called with what cannot be gone on from. */
  constructor(port, onFailure) {
    this.socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: { buffer: incoming, callback: (length, buffer) => this.#read(buffer.subarray(0, length)) },
    });
    this.socket.on('error', onFailure);
    this.socket.on('close', () => onFailure(new Error('the server closed a connection')));
  }

  opened() {
    return new Promise((resolve) => this.socket.once('connect', resolve));
  }

  /** `onAnswer(status, bytes of the body)` is called when the whole answer is here; the bytes unless in chunks. */
  send(bytes, onAnswer) {
    this.#onAnswer = onAnswer;
    this.socket.write(bytes);
  }

  close() {
    this.socket.removeAllListeners('close');
    this.socket.destroy();
  }

  /** The bytes are gone once this returns. */
  #read(chunk) {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    let at = 0;
    if (this.#missing === undefined) {
      const end = bytes.indexOf(headEnd);
      if (end < 0) {
        this.#rest = Buffer.from(bytes);
        return;
      }
      this.#readHead(bytes.latin1Slice(0, end));
      at = end + 4;
    }
    if (this.#missing === Infinity) {
      // The end of a body in chunks; its pieces may be cut anywhere.
      if (bytes.length < lastChunk.length || !bytes.subarray(-lastChunk.length).equals(lastChunk)) {
        this.#rest = Buffer.from(bytes.subarray(Math.max(at, bytes.length - lastChunk.length)));
        return;
      }
      this.#missing = 0;
    } else {
      this.#missing -= bytes.length - at;
    }
    if (this.#missing > 0) return;
    this.#missing = undefined;
    this.#onAnswer(this.#status, this.#length);
  }

  #readHead(head) {
    this.#status = Number(head.slice(9, 12));
    const at = head.indexOf('\r\nContent-Length: ');
    this.#length = at < 0 ? undefined : Number.parseInt(head.slice(at + 18, at + 30), 10);
    this.#missing = this.#length ?? (this.#status === 304 || this.#status === 204 ? 0 : Infinity);
  }
}
