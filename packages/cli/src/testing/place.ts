import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ArtemisNode } from '@artemis/server';
import { attachPush, createApp, type Push } from '@artemis/web';

const host = '127.0.0.1';

/** So long do idle connections live on: longer than those of the clients. */
const keepAliveTimeout = 65_000;

/**
 * A port that is held, since a node must know it, and those of its peers, before it is made. Whoever calls before a node
 * is put behind it is told to come again.
 */
export class Place {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #app: RequestListener = (_req, res) => void res.writeHead(503, { 'Retry-After': '1' }).end();
  #push: Push | undefined;
  #left: Promise<void> | undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('request', (req, res) => this.#app(req, res));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** @param port 0 for any that is free */
  static async take(port: number): Promise<Place> {
    const server = createServer({ keepAliveTimeout });
    server.listen({ host, port });
    await once(server, 'listening');
    return new Place(server);
  }

  get address(): string {
    return `${host}:${this.port}`;
  }

  serve({ state }: ArtemisNode): void {
    this.#app = createApp(state);
    this.#push = attachPush(this.#server, state);
  }

  /** Breaks every connection, with nothing said on any. Takes no more. */
  break(): Promise<void> {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    return this.leave(0);
  }

  /** Takes no more connections, and cuts those that are still open after `deadlineMs`. */
  leave(deadlineMs: number): Promise<void> {
    this.#left ??= new Promise((resolve) => {
      const cut = () => {
        this.#push?.close();
        this.#server.closeAllConnections();
      };
      const timer = setTimeout(cut, deadlineMs);
      // A connection whose answer is under way is idle a moment later.
      const idle = setInterval(() => this.#server.closeIdleConnections(), 10);
      this.#server.close(() => {
        clearTimeout(timer);
        clearInterval(idle);
        this.#push?.close();
        resolve();
      });
    });
    return this.#left;
  }
}
