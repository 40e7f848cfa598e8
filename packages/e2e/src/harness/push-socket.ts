import { once } from 'node:events';
import { pushPath, serverMessageSchema, type ClientMessage, type ServerMessage } from '@artemis/core';
import WebSocket, { type RawData } from 'ws';
import { eventually } from './eventually.js';

const answerMs = 30_000;
/** Texts that are remembered: many watchers of one node get the same ones within moments. */
const remembered = 1_000;

type Result = Extract<ServerMessage, { type: 'result' }>;
/** A client's message; what is left out of it besides the type is up to the test. */
export type Sent = ClientMessage | Readonly<Record<string, unknown>>;

/** Reads messages and checks them against the documented shapes, each text once. */
export class MessageReader {
  readonly #known = new Map<string, ServerMessage>();

  /** @throws Error when the text is none of the documented messages */
  read(text: string): ServerMessage {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const message = serverMessageSchema.parse(JSON.parse(text));
    if (this.#known.size >= remembered) this.#known.clear();
    this.#known.set(text, message);
    return message;
  }
}

interface SocketOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly reader?: MessageReader;
}

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** The node answered an upgrade with a plain answer. */
export class UpgradeRefused extends Error {
  constructor(
    readonly status: number,
    readonly headers: Readonly<Record<string, string | string[] | undefined>>,
  ) {
    super(`the upgrade was answered with HTTP ${status}`);
  }
}

/** One connection to `/ws`. What arrives is checked, and handed on in its order. */
export class PushSocket {
  /** Called with each message, in order. Replaces what collects them in {@link messages}. */
  onMessage: (message: ServerMessage) => void = (message) => this.messages.push(message);
  readonly messages: ServerMessage[] = [];
  /** What arrived and is no documented message. */
  readonly faults: string[] = [];
  /** Resolves when the connection is closed, whoever closed it. */
  readonly closed: Promise<Closing>;
  readonly #socket: WebSocket;
  readonly #reader: MessageReader;
  readonly #results = new Map<unknown, (result: Result) => void>();
  #nextId = 1;

  private constructor(socket: WebSocket, reader: MessageReader) {
    this.#socket = socket;
    this.#reader = reader;
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    // What breaks a connection is told by its end.
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => this.#take(data, isBinary));
  }

  /**
   * @param url of the node, as for HTTP
   * @throws UpgradeRefused when the node answers as over HTTP
   */
  static async open(
    url: string,
    { headers = {}, reader = new MessageReader() }: SocketOptions = {},
  ): Promise<PushSocket> {
    const options = { headers, perMessageDeflate: false, handshakeTimeout: answerMs };
    const socket = new WebSocket(url.replace(/^http/, 'ws') + pushPath, options);
    const push = new PushSocket(socket, reader);
    const refused = new Promise<never>((_resolve, reject) => {
      socket.once('unexpected-response', (request, response) => {
        reject(new UpgradeRefused(response.statusCode ?? 0, response.headers));
        request.destroy();
      });
    });
    await Promise.race([once(socket, 'open'), refused]);
    return push;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send(message: Sent): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** Sends a request with an id of its own; answers its `result`. */
  async ask(request: Sent): Promise<Result> {
    const id = this.#nextId;
    this.#nextId += 1;
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<Result>((resolve, reject) => {
      this.#results.set(id, resolve);
      const text = JSON.stringify(request).slice(0, 200);
      timer = setTimeout(() => reject(new Error(`no result within ${answerMs} ms: ${text}`)), answerMs);
    });
    this.send({ ...request, id });
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      this.#results.delete(id);
    }
  }

  /** Waits for a message of that type among {@link messages}; the latest one. */
  until<Type extends ServerMessage['type']>(type: Type): Promise<Extract<ServerMessage, { type: Type }>> {
    return eventually(
      () => {
        const found = this.messages.findLast((message) => message.type === type);
        if (found === undefined) throw new Error(`no ${type} among ${JSON.stringify(this.messages)}`);
        return found as Extract<ServerMessage, { type: Type }>;
      },
      { within: answerMs, every: 5 },
    );
  }

  /** Reads nothing more, so that the node finds out what it is to wait for somebody. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends the connection as a process does that is killed. */
  cut(): void {
    this.#socket.terminate();
  }

  async close(): Promise<Closing> {
    this.#socket.close(1000);
    return this.closed;
  }

  #take(data: RawData, isBinary: boolean): void {
    // As the socket hands text over by default.
    const text = (data as Buffer).toString('utf8');
    try {
      if (isBinary) throw new Error('a binary frame');
      const message = this.#reader.read(text);
      if (message.type === 'result') this.#results.get(message.id)?.(message);
      this.onMessage(message);
    } catch (error) {
      this.faults.push(`${error instanceof Error ? error.message : String(error)}: ${text.slice(0, 300)}`);
    }
  }
}
