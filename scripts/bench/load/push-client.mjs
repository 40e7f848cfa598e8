// The plainest client of a WebSocket, so that thousands of them take little of the machine away from what is measured:
// a slow receiver would hide a slow sender.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { host } from '../node-client.mjs';

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 };

/** One connection. `onText` is called with the bytes of each text message, which are gone once it returns. */
export class PushClient {
  #rest;
  #upgraded;
  isOpen = false;

  constructor(port, path, onText) {
    this.onText = onText;
    this.socket = connect({ host, port, noDelay: true });
    this.socket.on('data', (chunk) => this.#read(chunk));
    this.opened = new Promise((resolve, reject) => {
      this.#upgraded = resolve;
      this.socket.once('error', reject);
      this.socket.once('close', () => {
        this.isOpen = false;
        reject(new Error('a connection was closed'));
      });
    });
    this.opened.catch(() => undefined);
    const key = randomBytes(16).toString('base64');
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
  }

  send(message) {
    this.#write(opcodes.text, Buffer.from(JSON.stringify(message)));
  }

  close() {
    this.socket.destroy();
  }

  /** Clients mask what they send; a mask of zeros leaves it as it is. */
  #write(opcode, payload) {
    const extended = payload.length < 126 ? 0 : 2;
    if (payload.length > 65_535) throw new Error('too long for this client');
    const head = Buffer.alloc(6 + extended);
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | (extended === 0 ? payload.length : 126);
    if (extended > 0) head.writeUInt16BE(payload.length, 2);
    this.socket.write(Buffer.concat([head, payload]));
  }

  #read(chunk) {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    let at = this.isOpen ? 0 : this.#readAnswer(bytes);
    while (at < bytes.length) {
      const next = this.#readFrame(bytes, at);
      if (next === undefined) break;
      at = next;
    }
    if (at < bytes.length) this.#rest = bytes.subarray(at);
  }

  #readAnswer(bytes) {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return 0;
    const head = bytes.toString('latin1', 0, end);
    if (!head.startsWith('HTTP/1.1 101 ')) {
      this.socket.destroy(new Error(`no WebSocket: ${head.slice(0, 100)}`));
      return bytes.length;
    }
    this.isOpen = true;
    this.#upgraded();
    return end + 4;
  }

  /** Where the next frame begins; `undefined` when this one is not here yet. */
  #readFrame(bytes, at) {
    if (!this.isOpen || bytes.length < at + 2) return undefined;
    const opcode = bytes[at] & 15;
    let length = bytes[at + 1];
    let from = at + 2;
    if (length === 126) {
      if (bytes.length < from + 2) return undefined;
      length = bytes.readUInt16BE(from);
      from += 2;
    } else if (length === 127) {
      if (bytes.length < from + 8) return undefined;
      length = Number(bytes.readBigUInt64BE(from));
      from += 8;
    }
    const end = from + length;
    if (bytes.length < end) return undefined;
    if (opcode === opcodes.text) this.onText(bytes.subarray(from, end));
    else if (opcode === opcodes.ping) this.#write(opcodes.pong, bytes.subarray(from, end));
    return end;
  }
}

/** Opens so many clients, a hundred at a time. `start` is called with each one that is open, and its number. */
export async function openClients(count, { port, path = '/ws', onText, start }) {
  const clients = [];
  for (let from = 0; from < count; from += 100) {
    const some = Array.from(
      { length: Math.min(100, count - from) },
      (_, index) => new PushClient(port, path, (bytes) => onText(bytes, from + index)),
    );
    await Promise.all(some.map(({ opened }) => opened));
    for (const [index, client] of some.entries()) start(client, from + index);
    clients.push(...some);
  }
  return clients;
}
