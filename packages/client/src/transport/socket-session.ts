import {
  pushPath,
  serverMessageSchema,
  type Cancel,
  type ClientMessage,
  type ServerMessage,
} from '@artemis/core';
import type { ClientContext } from '../client-context.js';
import type { ClientSocket, SocketEnd } from '../environment.js';
import { Deferred } from '../waiting.js';
import { toDiscovered, toInstanceChange } from './discovered.js';
import { requireServed } from './http-api.js';
import { NodeFailure } from './node-failure.js';
import type { LeaseRequest, LeaseResult, Position, Session, SessionEnd, SessionListener } from './session.js';

/** After this long without a word of the node it is asked whether it is there. */
const silenceMs = 10_000;
/** How long a node that said goodbye is left alone: by then it has stopped, or restarted. */
const goodbyePauseMs = 1_000;

/** What a node says, as it is parsed; `undefined` for a type that this client does not know. */
function messageOf(text: string): ServerMessage | undefined {
  const value: unknown = JSON.parse(text);
  const parsed = serverMessageSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const isUnknown = parsed.error.issues.some(
    ({ code, path }) => code === 'invalid_union' && path[0] === 'type',
  );
  if (isUnknown) return undefined;
  throw parsed.error;
}

/**
 * A conversation over a WebSocket.
 *
 * ```
 * opening ── opened ──▶ open ── retire ──▶ retiring ── last answer ──▶ over
 *    └───────── closed ──┴──── closed, fail, close, goodbye ────────────▲
 * ```
 */
export class SocketSession implements Session {
  readonly node: string;
  readonly transport = 'websocket';
  /** Resolves when it can be used; rejects with `NodeFailure`. */
  readonly opened: Promise<void>;
  readonly #context: ClientContext;
  readonly #listener: SessionListener;
  readonly #socket: ClientSocket;
  readonly #opening = new Deferred<void>();
  readonly #pending = new Map<number, Deferred<LeaseResult>>();
  #phase: 'opening' | 'open' | 'retiring' | 'over' = 'opening';
  #requests = 0;
  /** Whether a watch of everything was asked for, and not answered yet. */
  #asksForAll = false;
  /** Where a watch of everything went on from, while only what resumes has come. */
  #resumesFrom: Position | undefined;
  #heardMs: number;
  #timer: Cancel = () => undefined;

  constructor(context: ClientContext, node: string, listener: SessionListener, openTimeoutMs: number) {
    this.#context = context;
    this.node = node;
    this.#listener = listener;
    this.opened = this.#opening.promise;
    const { environment } = context;
    this.#heardMs = environment.clock.monotonicMs();
    this.#timer = environment.scheduler.after(openTimeoutMs, () => {
      this.#end({ reason: `${node} did not open a socket in ${openTimeoutMs} ms` });
    });
    this.#socket = environment.openSocket(node.replace(/^http/, 'ws') + pushPath, {
      opened: () => this.#open(),
      message: (text) => this.#hear(text),
      closed: (end) => this.#closed(end),
    });
  }

  get isOver(): boolean {
    return this.#phase === 'retiring' || this.#phase === 'over';
  }

  async request(request: LeaseRequest): Promise<LeaseResult> {
    if (this.#phase !== 'open') throw new NodeFailure(`the socket to ${this.node} is closed`);
    const { metrics, seenClock, requestTimeoutMs, environment } = this.#context;
    metrics.increment('requests', 1, { node: this.node, transport: 'websocket' });
    const id = (this.#requests += 1);
    const answer = new Deferred<LeaseResult>();
    this.#pending.set(id, answer);
    const cancel = environment.scheduler.after(requestTimeoutMs, () => {
      this.fail({ reason: `${this.node} gave no answer in ${requestTimeoutMs} ms` });
    });
    try {
      // A heartbeat without keys renews what was registered on this connection.
      const { type } = request;
      const content = type === 'heartbeat' ? { type } : request;
      this.#send({ ...content, id, clock: seenClock.text } as ClientMessage);
      return await answer.promise;
    } catch (error) {
      metrics.increment('requests_failed', 1, { node: this.node, transport: 'websocket' });
      throw error;
    } finally {
      cancel();
      this.#pending.delete(id);
      this.#endWhenRetired();
    }
  }

  watch(serviceId: string, since: Position | undefined): void {
    this.#send({ type: 'subscribe', service_id: serviceId, ...resumeFrom(since) });
  }

  unwatch(serviceId: string): void {
    this.#send({ type: 'unsubscribe', service_id: serviceId });
  }

  watchAll(since: Position | undefined): void {
    this.#resumesFrom = since;
    this.#asksForAll = true;
    this.#send({ type: 'subscribe_all', ...resumeFrom(since) });
  }

  fail(end: SessionEnd): void {
    this.#end(end);
  }

  retire(): void {
    if (this.#phase !== 'open') return;
    this.#phase = 'retiring';
    this.#endWhenRetired();
  }

  close(): void {
    if (this.#phase === 'open') this.#phase = 'retiring';
    this.#end({ reason: 'the client closed it' });
  }

  #open(): void {
    if (this.#phase !== 'opening') return;
    this.#phase = 'open';
    this.#timer();
    this.#listenForLife();
    this.#opening.resolve();
  }

  #closed({ code, reason, status, retryAfterMs }: SocketEnd): void {
    const why = reason === '' ? `code ${code}` : reason;
    this.#end({ reason: `the socket to ${this.node} closed: ${why}`, retryAfterMs }, status);
  }

  #endWhenRetired(): void {
    if (this.#phase === 'retiring' && this.#pending.size === 0) this.#end({ reason: 'retired' });
  }

  #end(end: SessionEnd, status?: number): void {
    const phase = this.#phase;
    if (phase === 'over') return;
    this.#phase = 'over';
    this.#timer();
    const { retryAfterMs } = end;
    const failure = new NodeFailure(end.reason, {
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(status === undefined ? {} : { status }),
    });
    for (const answer of this.#pending.values()) answer.reject(failure);
    this.#opening.reject(failure);
    if (phase === 'open') this.#listener.ended(end);
    this.#socket.close();
  }

  #send(message: ClientMessage): void {
    if (this.#phase === 'open') this.#socket.send(JSON.stringify(message));
  }

  /** A connection can break without anybody being told: then nothing is heard, not even an answer to a ping. */
  #listenForLife(): void {
    const { scheduler, clock } = this.#context.environment;
    const askedMs = this.#heardMs;
    const quietMs = clock.monotonicMs() - askedMs;
    if (quietMs < silenceMs) {
      this.#timer = scheduler.after(silenceMs - quietMs, () => this.#listenForLife());
      return;
    }
    this.#send({ type: 'ping' });
    const { requestTimeoutMs } = this.#context;
    this.#timer = scheduler.after(requestTimeoutMs, () => {
      if (this.#heardMs === askedMs) this.fail({ reason: `${this.node} has fallen silent` });
      else this.#listenForLife();
    });
  }

  #hear(text: string): void {
    if (this.#phase === 'over') return;
    this.#heardMs = this.#context.environment.clock.monotonicMs();
    let message: ServerMessage | undefined;
    try {
      message = messageOf(text);
    } catch (error) {
      this.#context.logger.warn(`${this.node} sent a message that is not understood`, {
        error: String(error),
      });
      return this.fail({ reason: `${this.node} sent a message that is not understood` });
    }
    if (message !== undefined) this.#take(message);
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case 'result':
        return this.#takeResult(message);
      case 'error':
        return this.#takeError(message);
      case 'goodbye':
        return this.#takeGoodbye(message.reason);
      case 'subscribed':
      case 'service_change':
      case 'subscribed_all':
        // A view that has moved on must not hear two nodes.
        return this.#phase === 'open' ? this.#takeWatched(message) : undefined;
      case 'reload':
        return this.#takeReload(message.service_id);
      case 'unsubscribed':
      case 'unsubscribed_all':
      case 'pong':
        return;
    }
  }

  #takeWatched(
    message: Extract<ServerMessage, { type: 'subscribed' | 'service_change' | 'subscribed_all' }>,
  ): void {
    const position = { logId: message.log_id, revision: message.revision };
    if (message.type === 'subscribed_all') {
      this.#asksForAll = false;
      const isResumed = this.#resumesFrom?.logId === position.logId;
      return this.#listener.allKnown(position, isResumed);
    }
    const { service_id: serviceId } = message;
    if (message.type === 'service_change') {
      const changes = message.changes.map(toInstanceChange).filter((change) => change !== undefined);
      return this.#listener.changes(serviceId, changes, position);
    }
    if (message.service === undefined) return this.#listener.resumed(serviceId);
    this.#resumesFrom = undefined;
    this.#listener.snapshot(serviceId, message.service.instances.map(toDiscovered), position);
  }

  #takeReload(serviceId: string | undefined): void {
    this.#context.logger.warn(`${this.node} left out changes, this client was too slow for it`);
    this.#resumesFrom = undefined;
    if (this.#phase === 'open') this.#listener.reloading(serviceId);
  }

  #takeResult(result: Extract<ServerMessage, { type: 'result' }>): void {
    this.#context.seenClock.observe(result.clock);
    const answer = this.#pending.get(Number(result.id));
    try {
      requireServed(this.node, result.response_status);
    } catch (error) {
      return answer?.reject(error as NodeFailure);
    }
    answer?.resolve({
      status: result.response_status,
      failedInstances: result.failed_instances ?? [],
      failedKeys: result.failed_instance_keys ?? [],
    });
  }

  #takeError({ id, message, service_id }: Extract<ServerMessage, { type: 'error' }>): void {
    this.#context.logger.warn(`${this.node} reported an error: ${message}`);
    const isOfWatch = service_id !== undefined || (id === undefined && this.#asksForAll);
    if (isOfWatch && this.#phase === 'open') this.#listener.refused(service_id, message);
    this.#pending.get(Number(id))?.reject(new NodeFailure(`${this.node} reported an error: ${message}`));
  }

  /** It still answers what is under way; everything else moves to another node at once. */
  #takeGoodbye(reason: string): void {
    if (this.#phase !== 'open') return;
    this.#phase = 'retiring';
    this.#listener.ended({ reason: `${this.node} said goodbye: ${reason}`, retryAfterMs: goodbyePauseMs });
    this.#endWhenRetired();
  }
}

function resumeFrom(since: Position | undefined): { since_revision?: number; log_id?: string } {
  return since === undefined ? {} : { since_revision: since.revision, log_id: since.logId };
}
