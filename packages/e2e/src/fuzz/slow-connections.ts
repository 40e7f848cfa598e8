import { setTimeout as sleep } from 'node:timers/promises';
import { Wire, type WireTarget } from './wire.js';

/** The beginnings of requests that never end. */
const beginnings: readonly string[] = [
  '',
  'G',
  'GET /health HTTP/1.1\r\nHost: a\r\n',
  'POST /api/registry/register.json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"instances":[',
  'POST /api/registry/register.json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n',
  'POST /api/registry/register.json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 100000\r\n\r\n\x1f\x8b',
];

/** Asks for more than once and takes nothing. */
const neverReads = 'GET /api/discovery/services.json HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(200);

const dripEveryMs = 300;

/** Connections that send a byte now and then, or ask and do not read, for as long as they are left. */
export class SlowConnections {
  readonly #wires: Wire[] = [];
  #stopped = false;
  #dripping: Promise<void> | undefined;

  async open(target: WireTarget, count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const wire = await Wire.open(target);
      this.#wires.push(wire);
      if (index % 10 === 9) {
        wire.socket.pause();
        wire.socket.write(neverReads);
      } else {
        wire.socket.write(Buffer.from(beginnings[index % beginnings.length] ?? '', 'latin1'));
        if (index % 7 === 6) wire.socket.end();
      }
    }
    this.#dripping = this.#drip();
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#dripping;
    for (const wire of this.#wires) wire.close();
  }

  async #drip(): Promise<void> {
    while (!this.#stopped) {
      for (const { socket } of this.#wires) if (socket.writable) socket.write('a');
      await sleep(dripEveryMs);
    }
  }
}
