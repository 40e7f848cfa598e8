import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Channel } from './channel.js';

/** Bytes that may wait in this process for one client before it counts as slow. */
const slowBytes = 65_536;

/**
 * A WebSocket as a channel. Messages are written to the socket as they are: they were framed once, for everybody, and
 * nothing of a connection without compression and without masks is of one client alone.
 */
export class SocketChannel implements Channel {
  readonly #socket: Duplex;
  readonly #webSocket: WebSocket;
  readonly #slowBytes: number;
  #taken = 0;

  constructor(socket: Duplex, webSocket: WebSocket) {
    this.#socket = socket;
    this.#webSocket = webSocket;
    // Below its own mark, a stream would not say that it has drained.
    this.#slowBytes = Math.max(slowBytes, socket.writableHighWaterMark);
  }

  get congested(): boolean {
    return this.#socket.writableLength > this.#slowBytes;
  }

  get closed(): boolean {
    return this.#webSocket.readyState !== this.#webSocket.OPEN;
  }

  get takenBytes(): number {
    return this.#taken - this.#socket.writableLength;
  }

  send(frame: Buffer): void {
    if (this.closed) return;
    this.#taken += frame.length;
    this.#socket.write(frame);
  }

  pause(): void {
    if (!this.closed) this.#webSocket.pause();
  }

  resume(): void {
    if (!this.closed) this.#webSocket.resume();
  }

  close(code: number, reason: string): void {
    // The other side's part of the goodbye must be read.
    this.#webSocket.resume();
    this.#webSocket.close(code, reason);
  }

  cut(): void {
    this.#webSocket.terminate();
  }
}
