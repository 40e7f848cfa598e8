import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Bag, type AppState, type Logger, type Scheduler } from '@artemis/core';
import { answerBrokenRequests } from './broken-requests.js';
import { followAnswers, latestAnswer } from './latest-answer.js';
import { attachPush, type Push } from './push/attach-push.js';
import { WholeRequest } from './whole-request.js';
import { keepAliveMs, WholeResponse } from './whole-response.js';

export interface ListenOptions {
  /** Address or name to listen on. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Milliseconds in which a whole request must have arrived, default 60 000; its headers in a quarter of that. */
  readonly requestTimeoutMs?: number;
  /** The node that is named in the answers to what never becomes a request. Default: none is. */
  readonly node?: Pick<AppState, 'http' | 'clock'>;
  /** The node whose changes are pushed over `/ws`, too. Default: none. */
  readonly push?: AppState;
}

/** An HTTP server that accepts connections. */
export interface Listener {
  readonly host: string;
  /** The port in use, also when any free one was asked for. */
  readonly port: number;
  /**
   * Ends every connection with its next answer, so that clients open their next one, perhaps elsewhere. New connections
   * are still accepted.
   */
  handOver(): void;
  /**
   * Stops accepting, ends idle connections, answers requests under way with `Connection: close`, and cuts what is
   * still open after `deadlineMs`. Resolves when no connection is left; may be called again.
   */
  close(deadlineMs: number): Promise<void>;
}

/** What becomes of a request here, and of its connection. */
export const ownMessages = {
  IncomingMessage: WholeRequest,
  ServerResponse: WholeResponse,
  keepAliveTimeout: keepAliveMs,
} as const;

/** Starts an HTTP server. Rejects with a message that names the address when it cannot be had. */
export function listen(app: RequestListener, options: ListenOptions): Promise<Listener> {
  const { host, port, scheduler, logger, requestTimeoutMs = 60_000 } = options;
  const server = createServer({
    ...ownMessages,
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs / 4,
    connectionsCheckingInterval: requestTimeoutMs / 12,
    // The app says so in its own words.
    requireHostHeader: false,
  });
  // Whoever asks and does not read the answer would hold it here for ever.
  server.timeout = 2 * requestTimeoutMs;
  answerBrokenRequests(server, { scheduler, node: options.node });
  // What a caller expects besides `100-continue` need not be met: it gets the answer to its request.
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
  const push = options.push && attachPush(server, options.push);
  const connections = new Connections(server, scheduler, push);
  server.on('request', (req, res) => {
    connections.answering(res);
    if (req.url?.startsWith('/') !== true) req.url = withoutOrigin(req.url ?? '/');
    app(req, res);
  });
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => {
      push?.close();
      reject(new Error(`cannot listen on ${addressText(host, port)}: ${reasonOf(error)}`, { cause: error }));
    };
    server.once('error', refuse);
    server.listen({ host, port }, () => {
      server.off('error', refuse);
      // Accepting a connection can fail, for want of file descriptors: the next one may succeed.
      server.on('error', (error) => logger.error(`Cannot accept a connection: ${error.message}`));
      const bound = server.address() as AddressInfo;
      resolve({
        host,
        port: bound.port,
        handOver: () => connections.handOver(),
        close: (deadlineMs) => connections.close(deadlineMs),
      });
    });
  });
}

/**
 * The path of a request. Callers of proxies send a whole URL, and one that cannot be parsed would pass the whole app by:
 * Express would answer it in its own words.
 */
function withoutOrigin(target: string): string {
  const path = target.replace(/^[a-z]+:\/\/[^/?#]*/i, '');
  return path === target || path.startsWith('/') ? path : `/${path}`;
}

function addressText(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken',
  EACCES: 'not permitted; ports below 1024 need special rights',
  EADDRNOTAVAIL: 'no network interface of this machine has that address',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'the host name cannot be looked up now',
};

function reasonOf(error: NodeJS.ErrnoException): string {
  return reasons[error.code ?? ''] ?? error.message;
}

/** What is open on a server, so that it can be closed without cutting anybody short. */
class Connections {
  readonly #server: Server;
  readonly #scheduler: Scheduler;
  readonly #push: Push | undefined;
  readonly #sockets = new Bag<Socket>();
  #closed: Promise<void> | undefined;
  #handingOver = false;

  constructor(server: Server, scheduler: Scheduler, push: Push | undefined) {
    this.#server = server;
    this.#push = push;
    this.#scheduler = scheduler;
    server.on('connection', (socket) => {
      // One that asked for another protocol in vain comes once more, and is here twice.
      socket.once('close', this.#sockets.add(socket));
    });
    followAnswers(server);
  }

  /** A request has come in. */
  answering(res: ServerResponse): void {
    if (this.#handingOver) this.#endWith(res);
  }

  handOver(): void {
    this.#handingOver = true;
    this.#push?.drain();
    for (const socket of this.#sockets) {
      const res = latestAnswer(socket);
      if (res !== undefined && !res.closed) this.#endWith(res);
    }
  }

  close(deadlineMs: number): Promise<void> {
    this.#closed ??= this.#close(deadlineMs);
    return this.#closed;
  }

  /** Ends the connection with this answer. */
  #endWith(res: ServerResponse): void {
    if (!res.headersSent) res.setHeader('Connection', 'close');
    res.once('close', () => {
      // An answer whose headers were out already could not say so.
      if (this.#closed !== undefined) this.#scheduler.soon(() => this.#server.closeIdleConnections());
    });
  }

  #close(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#scheduler.after(deadlineMs, () => {
        this.#push?.close();
        this.#server.closeAllConnections();
      });
      this.#server.close(() => {
        cancel();
        this.#push?.close();
        resolve();
      });
      this.handOver();
      // A connection that never sent anything is no request, but Node does not count it as idle either.
      for (const socket of this.#sockets) {
        if (socket.bytesRead === 0) socket.destroy();
      }
    });
  }
}
