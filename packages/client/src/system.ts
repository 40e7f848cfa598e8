/** The real outside: the one file of the client that touches clocks, timers, chance, the network and globals itself. */
import type { Clock, Random, Scheduler } from '@artemis/core';
import type { ClientEnvironment, ClientSocket, SocketEnd, SocketListener } from './environment.js';

/** What a client runs on in Node and in browsers. */
export function systemEnvironment(): ClientEnvironment {
  return {
    clock: systemClock,
    scheduler: systemScheduler,
    random: systemRandom,
    fetch: (url, options) => globalThis.fetch(url, options),
    openSocket: (url, listener) =>
      platformSocket() === undefined ? new NodeSocket(url, listener) : new PlatformSocket(url, listener),
  };
}

const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};

/** Timers count in 31 bits; a longer delay would fire at once. No delay of the client comes near. */
const longestDelayMs = 2 ** 31 - 1;

const systemScheduler: Scheduler = {
  soon(task) {
    const timer = setTimeout(task, 0);
    return () => clearTimeout(timer);
  },
  after(delayMs, task) {
    // A fraction is rounded up: a task must not come before its time.
    const timer = setTimeout(task, Math.min(Math.ceil(delayMs), longestDelayMs));
    return () => clearTimeout(timer);
  },
  every(intervalMs, task) {
    const timer = setInterval(task, Math.min(intervalMs, longestDelayMs));
    return () => clearInterval(timer);
  },
};

const digits = '0123456789abcdefghijklmnopqrstuvwxyz';

const systemRandom: Random = {
  next: () => Math.random(),
  id: (length) =>
    Array.from({ length }, () => digits.charAt(Math.floor(Math.random() * digits.length))).join(''),
};

/** What both kinds of WebSocket have in common. */
interface PlainSocket {
  send(text: string): void;
  close(): void;
}

/** The WebSocket of browsers, and of Node from 22 on; typed here because Node 20 has none. */
interface WebSocketLike extends PlainSocket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: (() => void) | null;
}

function platformSocket(): (new (url: string) => WebSocketLike) | undefined {
  return (globalThis as { WebSocket?: new (url: string) => WebSocketLike }).WebSocket;
}

const broken = (reason: string, refusal: Pick<SocketEnd, 'status' | 'retryAfterMs'> = {}): SocketEnd => ({
  code: 1006,
  reason,
  ...refusal,
});

/** Tells of the end once, whatever comes. */
class SocketState {
  readonly #listener: SocketListener;
  #isOver = false;
  /** How it ended, once it was closed here: whatever the other side answers comes later, or a moment before. */
  #closedHere: SocketEnd | undefined;

  constructor(listener: SocketListener) {
    this.#listener = listener;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  opened(): void {
    if (!this.#isOver) this.#listener.opened();
  }

  message(data: unknown): void {
    if (!this.#isOver && typeof data === 'string') this.#listener.message(data);
  }

  closed(end: SocketEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.closed(this.#closedHere ?? end);
  }

  /** A peer that is gone would let the closing handshake wait for a long time: nobody waits for it. */
  close(): void {
    const end = { code: 1000, reason: 'closed here' };
    this.#closedHere ??= end;
    systemScheduler.soon(() => this.closed(end));
  }
}

class PlatformSocket implements ClientSocket {
  readonly #state: SocketState;
  #socket: WebSocketLike | undefined;

  constructor(url: string, listener: SocketListener) {
    const state = new SocketState(listener);
    this.#state = state;
    const Socket = platformSocket();
    try {
      this.#socket = Socket === undefined ? undefined : new Socket(url);
    } catch (error) {
      systemScheduler.soon(() => state.closed(broken(String(error))));
    }
    if (this.#socket === undefined) return;
    this.#socket.onopen = () => state.opened();
    this.#socket.onmessage = ({ data }) => state.message(data);
    this.#socket.onclose = ({ code, reason }) => state.closed({ code, reason });
    // It says nothing about the reason, and the end follows.
    this.#socket.onerror = () => undefined;
  }

  send(text: string): void {
    if (!this.#state.isOver) this.#socket?.send(text);
  }

  close(): void {
    this.#socket?.close();
    this.#state.close();
  }
}

/** The snapshot of a service is one message. */
const maxPayload = 256 * 1024 * 1024;
/** A peer that is gone would keep the process alive while its goodbye is waited for. */
const closeTimeoutMs = 1_000;

/** For Node below 22, which has no WebSocket of its own. */
class NodeSocket implements ClientSocket {
  readonly #state: SocketState;
  #socket: PlainSocket | undefined;

  constructor(url: string, listener: SocketListener) {
    this.#state = new SocketState(listener);
    this.#open(url).catch((error: unknown) => this.#state.closed(broken(`no WebSocket: ${String(error)}`)));
  }

  send(text: string): void {
    if (!this.#state.isOver) this.#socket?.send(text);
  }

  close(): void {
    this.#socket?.close();
    this.#state.close();
  }

  async #open(url: string): Promise<void> {
    const { WebSocket } = await import('ws');
    const state = this.#state;
    if (state.isOver) return;
    const options = { perMessageDeflate: false, maxPayload, closeTimeout: closeTimeoutMs };
    const socket = new WebSocket(url, options);
    this.#socket = socket;
    let end: SocketEnd | undefined;
    socket.on('open', () => state.opened());
    // eslint-disable-next-line @typescript-eslint/no-base-to-string -- a Buffer, whose text this is
    socket.on('message', (data, isBinary) => state.message(isBinary ? undefined : data.toString()));
    socket.on('unexpected-response', (request, response) => {
      const retryAfter = Number(response.headers['retry-after']);
      const status = response.statusCode ?? 0;
      const wait = Number.isFinite(retryAfter) ? { retryAfterMs: retryAfter * 1000 } : {};
      state.closed(broken(`the upgrade was refused with status ${status}`, { status, ...wait }));
      request.destroy();
    });
    socket.on('error', (error) => {
      end ??= broken(error.message);
    });
    socket.on('close', (code, reason) => state.closed(end ?? { code, reason: reason.toString() }));
  }
}
