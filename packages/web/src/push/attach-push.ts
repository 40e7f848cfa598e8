import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { ArtemisError, pushPath, type AppState } from '@artemis/core';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { clientAddressOf } from '../client-address.js';
import { PushHub } from './hub.js';
import { isOriginAllowed } from './origin.js';
import { Pinger } from './pinger.js';
import { serveAsPlain } from './plain-request.js';
import type { Session } from './session.js';
import { SocketChannel } from './socket-channel.js';
import { followAnswers, latestAnswer } from '../latest-answer.js';
import { rawAnswer } from '../raw-answer.js';

/** What push needs of a server of `node:http` or `node:https`. */
export type UpgradableServer = Pick<Server, 'on' | 'off' | 'emit' | 'listenerCount'>;

/** Push on a server. */
export interface Push {
  /** Connections that are open. */
  readonly sessions: number;
  /** Says goodbye to every session and takes no more. Also done when the node begins to stop. */
  drain(): void;
  /** Cuts what is still open, and lets the server go. */
  close(): void;
}

/** Milliseconds that a client has to answer a goodbye before its connection is cut. */
const closeTimeoutMs = 5_000;

/**
 * Serves the WebSocket `/ws` of a node on a server, beside whatever that serves. Upgrades to anything else are left to
 * the other listeners of the server; when there are none, they are served as the plain requests that they also are.
 */
export function attachPush(server: UpgradableServer, state: AppState): Push {
  return new PushServer(server, state);
}

class PushServer implements Push {
  readonly #server: UpgradableServer;
  readonly #state: AppState;
  readonly #hub: PushHub;
  readonly #pinger: Pinger;
  readonly #webSockets: WebSocketServer;
  readonly #sockets = new Set<WebSocket>();
  readonly #forgetDrain: () => void;
  #draining = false;

  constructor(server: UpgradableServer, state: AppState) {
    this.#server = server;
    this.#state = state;
    this.#hub = new PushHub(state);
    this.#pinger = new Pinger(state, this.#hub.sessions);
    const options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: state.push.maxFrameBytes,
      closeTimeout: closeTimeoutMs,
    };
    this.#webSockets = new WebSocketServer(options);
    this.#webSockets.on('headers', (headers) => {
      headers.push(`X-Artemis-Node: ${state.http.nodeId}`, `X-Artemis-Clock: ${state.clock.stamp()}`);
    });
    this.#webSockets.on('wsClientError', (error, socket, request) => {
      const problem = new ArtemisError('malformed', `this is no WebSocket handshake: ${error.message}`);
      this.#refuse(problem, socket as Socket, request, { 'Sec-WebSocket-Version': '13' });
    });
    followAnswers(server);
    server.on('upgrade', this.#onUpgrade);
    this.#forgetDrain = state.health.onDrain(() => this.drain());
  }

  get sessions(): number {
    return this.#hub.sessions.size;
  }

  drain(): void {
    this.#draining = true;
    this.#hub.flush();
    for (const session of [...this.#hub.sessions]) session.leave();
  }

  close(): void {
    this.drain();
    this.#forgetDrain();
    this.#server.off('upgrade', this.#onUpgrade);
    this.#pinger.stop();
    this.#hub.stop();
    for (const webSocket of this.#sockets) webSocket.terminate();
  }

  /** A request may follow others on its connection whose answers are not out yet: they come first. */
  readonly #onUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer): void => {
    // Node has let go of it: until somebody takes it, an error that nobody listens to would end the process.
    socket.on('error', ignore);
    const answer = latestAnswer(socket);
    if (answer === undefined || answer.closed) this.#upgrade(request, socket, head);
    else answer.once('close', () => this.#upgrade(request, socket, head));
  };

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (socket.destroyed) return;
    if (!isForPush(request)) {
      socket.off('error', ignore);
      if (this.#server.listenerCount('upgrade') === 1) serveAsPlain(this.#server, request, socket, head);
      return;
    }
    const problem = this.#problemOf(request);
    if (problem !== undefined) {
      this.#refuse(problem, socket, request);
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      socket.off('error', ignore);
      this.#observe(101);
      this.#open(webSocket, request, socket);
    });
  }

  #problemOf(request: IncomingMessage): ArtemisError | undefined {
    const { health, http, push, limiter } = this.#state;
    const retry = { retryAfterSecs: 1 };
    if (!isOriginAllowed(request.headers, http.allowedOrigins))
      return new ArtemisError('forbidden', 'pages of this origin may not watch: see server.allowed_origins');
    if (this.#draining || health.draining)
      return new ArtemisError('unavailable', 'this node is stopping, use another one', retry);
    const joining = health.joining();
    if (joining !== undefined) return new ArtemisError('unavailable', joining, retry);
    if (this.sessions >= push.maxSessions)
      return new ArtemisError('unavailable', 'too many connections (push.max_sessions)', retry);
    const { allowed, retryAfterMs } = limiter.take(clientAddressOf(request, http.trustProxy));
    if (allowed) return undefined;
    return new ArtemisError('rate-limited', 'too many requests from this address', {
      retryAfterSecs: retryAfterMs / 1000,
    });
  }

  #refuse(
    problem: ArtemisError,
    socket: Socket,
    request: IncomingMessage,
    headers?: Readonly<Record<string, string>>,
  ): void {
    this.#observe(problem.status);
    this.#state.logger.debug(`${request.method ?? ''} ${pushPath} ${problem.status}`);
    socket.once('finish', () => socket.destroy());
    socket.end(rawAnswer(problem, this.#state, headers));
  }

  #observe(status: number): void {
    this.#state.metrics.observe({ method: 'GET', route: pushPath, status, seconds: 0 });
  }

  #open(webSocket: WebSocket, request: IncomingMessage, socket: Socket): void {
    socket.setNoDelay(true);
    const channel = new SocketChannel(socket, webSocket);
    const session = this.#hub.open(channel, clientAddressOf(request, this.#state.http.trustProxy));
    this.#sockets.add(webSocket);
    this.#pinger.start();
    let reason: 'closed' | 'broken' = 'closed';
    socket.on('drain', () => session.drained());
    webSocket.on('message', (data, isBinary) => this.#receive(session, webSocket, data, isBinary));
    webSocket.on('ping', () => session.heard());
    webSocket.on('pong', () => session.heard());
    webSocket.on('error', (error) => {
      reason = 'broken';
      this.#state.logger.debug(`A connection of push broke: ${error.message}`);
    });
    webSocket.once('close', () => {
      this.#sockets.delete(webSocket);
      session.end(reason);
      if (this.sessions === 0) this.#pinger.stop();
    });
  }

  #receive(session: Session, webSocket: WebSocket, data: RawData, isBinary: boolean): void {
    if (isBinary) webSocket.close(1003, 'text messages only');
    // A whole message is one buffer, unless the type of the socket is changed.
    else if (Buffer.isBuffer(data)) session.receive(data.toString('utf8'));
  }
}

const ignore = (): void => undefined;

/** Whether a request asks for the WebSocket of push, rightly made or not. */
function isForPush({ url = '/', headers }: IncomingMessage): boolean {
  const path = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  return path === pushPath && headers.upgrade?.toLowerCase() === 'websocket';
}
