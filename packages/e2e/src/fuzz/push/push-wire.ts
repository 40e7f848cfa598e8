import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { serverMessageSchema, type ServerMessage } from '@artemis/core';
import { eventually } from '../../harness/eventually.js';
import type { WireTarget } from '../wire.js';
import { frameBytes, opcodes, readFrame, textFrame } from './frames.js';

const patienceMs = 30_000;
/** Of a request that no talk makes up. */
const lastId = 'the last request of this talk';
const headEnd = '\r\n\r\n';

/** A connection on which anything can be sent, and on which an answer and then the frames of a node are read. */
export class PushWire {
  readonly messages: ServerMessage[] = [];
  readonly socket: Socket;
  /** What the node sent that it may not send. */
  fault: string | undefined;
  status: number | undefined;
  /** Of the node's close frame; 1005 when that has none. */
  closeCode: number | undefined;
  ended = false;
  #received: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    const end = (): void => void (this.ended = true);
    // A reset is an end like any other here.
    socket.on('error', end).on('end', end).on('close', end);
  }

  static async open({ host, port }: WireTarget): Promise<PushWire> {
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
    await once(socket, 'connect');
    return new PushWire(socket);
  }

  async send(bytes: Buffer, inPieces: boolean): Promise<void> {
    const size = inPieces ? Math.max(1, Math.ceil(bytes.length / 7)) : Math.max(1, bytes.length);
    for (let at = 0; at < bytes.length && this.socket.writable; at += size) {
      this.socket.write(bytes.subarray(at, at + size));
      if (inPieces) await turn();
    }
  }

  /** Waits for the node's answer to the handshake; `undefined` when it closed without one. */
  async answer(): Promise<number | undefined> {
    await this.#until('an answer', () => this.status !== undefined || this.ended);
    return this.status;
  }

  /** Whether the node still answers; it has answered everything before then. */
  async isAnswered(): Promise<boolean> {
    this.socket.write(textFrame(`{"type":"heartbeat","id":"${lastId}"}`));
    await this.#until('an answer to the last request', () => this.#isLastAnswered || this.#isOver);
    return this.#isLastAnswered;
  }

  /** Waits until the node has ended the connection, and answers its close as a client does. */
  async isClosed(): Promise<void> {
    await this.#until('a close', () => this.#isOver);
    if (this.socket.writable)
      this.socket.end(frameBytes({ opcode: opcodes.close, payload: Buffer.alloc(0) }));
    await this.#until('the end of the connection', () => this.ended);
  }

  get #isLastAnswered(): boolean {
    return this.messages.some((message) => message.type === 'result' && message.id === lastId);
  }

  get #isOver(): boolean {
    return this.ended || this.closeCode !== undefined || this.fault !== undefined;
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    try {
      await eventually(condition, { within: patienceMs, every: 2 });
    } catch {
      throw new Error(`no sign of ${what} within ${patienceMs} ms`);
    }
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    if (this.status === undefined && !this.#readAnswer()) return;
    if (this.status !== 101) return;
    try {
      for (let read = readFrame(this.#received); read !== undefined; read = readFrame(this.#received)) {
        this.#received = this.#received.subarray(read.end);
        this.#frame(read.frame.opcode, read.frame.payload);
      }
    } catch (error) {
      this.fault ??= error instanceof Error ? error.message : String(error);
      this.socket.destroy();
    }
  }

  #readAnswer(): boolean {
    const end = this.#received.indexOf(headEnd);
    if (end < 0) return false;
    const head = this.#received.toString('latin1', 0, end);
    this.status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? NaN);
    if (this.status === 503 && !/\r\nretry-after: /i.test(head)) this.fault = 'a 503 without Retry-After';
    this.#received = this.#received.subarray(end + headEnd.length);
    return true;
  }

  #frame(opcode: number, payload: Buffer): void {
    if (this.closeCode !== undefined) throw new Error('the node sends on after its close');
    switch (opcode) {
      case opcodes.text:
        this.#message(new TextDecoder('utf-8', { fatal: true }).decode(payload));
        break;
      case opcodes.close:
        this.closeCode = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
        break;
      case opcodes.ping:
        if (this.socket.writable) this.socket.write(frameBytes({ opcode: opcodes.pong, payload }));
        break;
      case opcodes.pong:
        break;
      default:
        throw new Error(`a frame of opcode ${opcode} from the node`);
    }
  }

  #message(text: string): void {
    if (text.includes('"internal-error"')) throw new Error(`internal-error: ${text.slice(0, 500)}`);
    if (/\n\s+at .+:\d+|node_modules|node:internal/.test(text))
      throw new Error(`a stack: ${text.slice(0, 500)}`);
    const message = serverMessageSchema.parse(JSON.parse(text));
    if (message.type === 'error' && (message.message === '' || message.message.length > 600))
      throw new Error(`a message of ${message.message.length} characters: ${message.message.slice(0, 100)}`);
    this.messages.push(message);
  }
}
