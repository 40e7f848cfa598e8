import type { Cancel } from '@artemis/core';
import type { ClientContext } from '../client-context.js';
import type { NodeList } from '../nodes/node-list.js';
import type { ClientTransport } from '../options.js';
import type { HttpApi } from './http-api.js';
import { HttpSession } from './http-session.js';
import { NodeFailure } from './node-failure.js';
import type { Session, SessionEnd, SessionListener } from './session.js';
import { SocketSession } from './socket-session.js';

export interface ConnectorListener extends Omit<SessionListener, 'ended'> {
  online(session: Session): void;
  offline(): void;
}

export interface ConnectorOptions {
  readonly context: ClientContext;
  readonly nodes: NodeList;
  readonly api: HttpApi;
  readonly transport: ClientTransport;
  /** Told after the listener. */
  readonly connected: (session: Session) => void;
  readonly disconnected: (session: Session, end: SessionEnd) => void;
}

/** A node that keeps a session for so long is not blamed for the failures before. */
const trustedAfterMs = 5_000;
/** Longest wait for a connection: a node that does not even take one is soon given up for the next. */
const openTimeoutMs = 3_000;
const firstSocketRetryMs = 15_000;
const longestSocketRetryMs = 300_000;

/**
 * Keeps one session, with the first node that takes it.
 *
 * ```
 * stopped ── start ──▶ trying ── a node takes it ──▶ online
 *                        ▲  ▲── all left alone: wait ──┘ │
 *                        └───────── session ended ───────┘
 * ```
 *
 * With `auto` a node that answers, but not with a socket, is spoken to by HTTP, and sockets are tried again now and then
 * without giving up what works meanwhile.
 */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #listener: ConnectorListener;
  #session: Session | undefined;
  #isRunning = false;
  #timer: Cancel = () => undefined;
  #socketRetry: Cancel = () => undefined;
  #socketRetryMs = firstSocketRetryMs;
  /** Counts the sessions that were begun, so that a late answer is known as one. */
  #attempt = 0;
  /** Monotonic; of the session. */
  #startMs = 0;

  constructor(options: ConnectorOptions, listener: ConnectorListener) {
    this.#options = options;
    this.#listener = listener;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#try();
  }

  /** Ends the session once the requests under way are answered. */
  stop(): void {
    this.#isRunning = false;
    this.#attempt += 1;
    this.#timer();
    this.#socketRetry();
    this.#session?.retire();
    this.#session = undefined;
  }

  #try(): void {
    if (!this.#isRunning) return;
    const { nodes, context } = this.#options;
    const next = nodes.next();
    if ('waitMs' in next) {
      this.#timer = context.environment.scheduler.after(next.waitMs, () => this.#try());
      return;
    }
    const attempt = (this.#attempt += 1);
    const isCurrent = (): boolean => this.#attempt === attempt;
    this.#connect(next.url).then(
      (session) => (isCurrent() ? this.#online(session) : session.close()),
      (error: unknown) => {
        if (isCurrent()) this.#failed(next.url, error);
      },
    );
  }

  #failed(node: string, error: unknown): void {
    const { nodes, context } = this.#options;
    context.logger.info(`No session with ${node}: ${error instanceof Error ? error.message : String(error)}`);
    nodes.failed(node, error instanceof NodeFailure ? error.retryAfterMs : undefined);
    this.#try();
  }

  async #connect(node: string): Promise<Session> {
    const { transport } = this.#options;
    if (transport === 'http') return this.#connectHttp(node);
    try {
      return await this.#connectSocket(node);
    } catch (error) {
      // A status is the node's own answer: it is there, and does not want to.
      if (transport === 'websocket' || !(error instanceof NodeFailure)) throw error;
      if (error.retryAfterMs !== undefined || !this.#isRunning) throw error;
      return this.#connectHttp(node);
    }
  }

  async #connectSocket(node: string): Promise<SocketSession> {
    const { context } = this.#options;
    const timeoutMs = Math.min(openTimeoutMs, context.requestTimeoutMs);
    const session: SocketSession = new SocketSession(
      context,
      node,
      this.#listenTo(() => session),
      timeoutMs,
    );
    await session.opened;
    return session;
  }

  async #connectHttp(node: string): Promise<HttpSession> {
    const { context, api } = this.#options;
    await api.ready(node, Math.min(openTimeoutMs, context.requestTimeoutMs));
    const session: HttpSession = new HttpSession(
      context,
      api,
      node,
      this.#listenTo(() => session),
    );
    return session;
  }

  #online(session: Session): void {
    const { context, transport } = this.#options;
    // It can have ended in the moment between.
    if (session.isOver) return this.#failed(session.node, new NodeFailure('it ended at once'));
    this.#session = session;
    this.#startMs = context.environment.clock.monotonicMs();
    if (session.transport === 'websocket') {
      this.#socketRetry();
      this.#socketRetryMs = firstSocketRetryMs;
    } else if (transport === 'auto') this.#planSocketRetry();
    context.metrics.increment('connections', 1, { node: session.node, transport: session.transport });
    context.logger.info(`Connected to ${session.node} by ${session.transport}`);
    this.#listener.online(session);
    this.#options.connected(session);
  }

  #ended(session: Session, end: SessionEnd): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#socketRetry();
    const { nodes, context } = this.#options;
    const { environment, logger, metrics } = context;
    if (environment.clock.monotonicMs() - this.#startMs >= trustedAfterMs) nodes.succeeded(session.node);
    nodes.failed(session.node, end.retryAfterMs);
    metrics.increment('connections_lost', 1, { node: session.node, transport: session.transport });
    logger.info(`Lost ${session.node}: ${end.reason}`);
    this.#listener.offline();
    this.#options.disconnected(session, end);
    this.#try();
  }

  #planSocketRetry(): void {
    const { scheduler, random } = this.#options.context.environment;
    const waitMs = this.#socketRetryMs * (0.75 + random.next() / 2);
    this.#socketRetryMs = Math.min(longestSocketRetryMs, this.#socketRetryMs * 2);
    this.#socketRetry();
    this.#socketRetry = scheduler.after(waitMs, () => this.#retrySocket());
  }

  /** Takes the place of the session by HTTP when it succeeds; nothing is heard twice, and nothing missed. */
  #retrySocket(): void {
    const before = this.#session;
    if (before === undefined) return;
    this.#connectSocket(before.node).then(
      (session) => {
        if (this.#session !== before) return session.close();
        // One that ended in the moment between is no better than none: what works is kept.
        if (session.isOver) return this.#planSocketRetry();
        before.retire();
        this.#online(session);
      },
      () => {
        if (this.#session === before) this.#planSocketRetry();
      },
    );
  }

  /** What a session says counts while it is the one that is kept. */
  #listenTo(session: () => Session): SessionListener {
    const listener = this.#listener;
    const isKept = (): boolean => this.#session === session();
    return {
      snapshot: (...args) => (isKept() ? listener.snapshot(...args) : undefined),
      resumed: (...args) => (isKept() ? listener.resumed(...args) : undefined),
      changes: (...args) => (isKept() ? listener.changes(...args) : undefined),
      allKnown: (...args) => (isKept() ? listener.allKnown(...args) : undefined),
      reloading: (...args) => (isKept() ? listener.reloading(...args) : undefined),
      refused: (...args) => (isKept() ? listener.refused(...args) : undefined),
      ended: (end) => this.#ended(session(), end),
    };
  }
}
