import {
  ArtemisError,
  type AppState,
  type ClientMessage,
  type ServerMessage,
  type SessionEnd,
} from '@artemis/core';
import { serviceKeyOf } from '@artemis/core';
import { observeClock } from '../observe-clock.js';
import { takeToken } from '../rate-limit.js';
import type { Channel } from './channel.js';
import { parseMessage, type About } from './client-message.js';
import { pingFrame, textFrame } from './frame.js';
import { isRequest, SessionLeases, type LeaseRequest } from './session-leases.js';
import { messageText } from './server-texts.js';
import type { SessionHost } from './session-host.js';
import { SessionWatches } from './session-watches.js';
import type { WatchStart } from './watch.js';

export interface SessionOptions extends Pick<
  AppState,
  'registry' | 'clock' | 'health' | 'limiter' | 'push' | 'pushMetrics' | 'time' | 'random' | 'logger'
> {
  readonly host: SessionHost;
  readonly channel: Channel;
  /** Of the client, for the rate limit. */
  readonly address: string;
  /** Who is to be offered what. */
  readonly watchers: {
    named(serviceKey: string, watched: boolean): void;
    all(watched: boolean): void;
  };
  readonly ended: () => void;
}

/** Requests of one client that wait for the store, and bytes of answers that wait for the client: over them it is not read. */
const maxUnderWay = 16;
const maxOwedBytes = 262_144;

/** One client on a WebSocket: what it says is done or refused, and what it watches is sent. */
export class Session {
  readonly watches: SessionWatches;
  readonly #options: SessionOptions;
  readonly #channel: Channel;
  readonly #leases: SessionLeases;
  #heardMs: number;
  #takenBytes = 0;
  #underWay = 0;
  #owedBytes = 0;
  #paused = false;
  #leaving = false;
  #ended = false;
  /** Answers leave in the order of their requests. */
  #answered: Promise<void> = Promise.resolve();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#channel = options.channel;
    this.watches = new SessionWatches(options.host, options.channel);
    this.#leases = new SessionLeases(options);
    this.#heardMs = options.time.monotonicMs();
  }

  /** A sign of life of the client. */
  heard(): void {
    this.#heardMs = this.#options.time.monotonicMs();
  }

  /** A text message of the client. */
  receive(text: string): void {
    this.heard();
    if (this.#ended) return;
    const { pushMetrics, limiter, address } = this.#options;
    const parsed = parseMessage(text);
    const message = 'message' in parsed ? parsed.message : undefined;
    pushMetrics.received(message?.type ?? 'wrong');
    try {
      takeToken(limiter, address);
      if ('message' in parsed) this.#serve(parsed.message);
      else throw new ArtemisError('wrong-envelope', parsed.problem);
    } catch (error) {
      this.#refuse(error, message, 'about' in parsed ? parsed.about : {});
    }
  }

  /** The socket takes more again. */
  drained(): void {
    // A network that was full takes more only when the client does.
    if (this.watches.isBehind) this.heard();
    this.#owedBytes = 0;
    this.#regulate();
    this.watches.pump();
  }

  /** Pings the client, or cuts it off when nothing was heard of it for too long. */
  check(): void {
    const { time, push } = this.#options;
    const taken = this.#channel.takenBytes;
    // The same holds while it is full.
    if (this.#channel.congested && taken > this.#takenBytes) this.heard();
    this.#takenBytes = taken;
    if (time.monotonicMs() - this.#heardMs >= push.idleTimeoutMs) {
      this.end('idle');
      this.#channel.cut();
    } else if (!this.#channel.congested) this.#channel.send(pingFrame());
  }

  /** Says goodbye, and closes once what is under way is answered. */
  leave(): void {
    if (this.#leaving || this.#ended) return;
    this.#leaving = true;
    this.#reply({ type: 'goodbye', reason: 'draining' });
    void this.#answered.then(() => {
      this.end('draining');
      this.#channel.close(1001, 'draining');
    });
  }

  /** Nothing more will come or go. What the client registered lives on until its leases end. */
  end(reason: SessionEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    const { watchers, ended, pushMetrics } = this.#options;
    for (const key of this.watches.serviceKeys) watchers.named(key, false);
    watchers.all(false);
    this.watches.end();
    pushMetrics.ended(reason);
    ended();
  }

  #serve(message: ClientMessage): void {
    switch (message.type) {
      case 'ping':
        this.#reply({ type: 'pong' });
        break;
      case 'subscribe':
        this.#subscribe(message);
        break;
      case 'unsubscribe': {
        const key = serviceKeyOf(message.service_id);
        this.watches.unwatch(key);
        this.#options.watchers.named(key, false);
        this.#reply({ type: 'unsubscribed', service_id: message.service_id });
        break;
      }
      case 'subscribe_all':
        this.#options.watchers.all(true);
        this.watches.watchAll(this.#startOf(message));
        break;
      case 'unsubscribe_all':
        this.watches.unwatchAll();
        this.#options.watchers.all(false);
        this.#reply({ type: 'unsubscribed_all' });
        break;
      case 'register':
      case 'unregister':
      case 'heartbeat':
        this.#request(message);
        break;
    }
  }

  #subscribe(message: ClientMessage & { type: 'subscribe' }): void {
    const { push, watchers } = this.#options;
    const key = serviceKeyOf(message.service_id);
    if (!this.watches.has(key) && this.watches.size >= push.maxSubscriptions) {
      const most = `${push.maxSubscriptions} (push.max_subscriptions)`;
      throw new ArtemisError('wrong-envelope', `this connection watches ${most} services already`);
    }
    watchers.named(key, true);
    this.watches.watch(message.service_id, this.#startOf(message));
  }

  /** A revision means nothing without the log that it numbers. */
  #startOf({
    since_revision: since,
    log_id: logId,
  }: ClientMessage & { type: `subscribe${'' | '_all'}` }): WatchStart {
    return since === null || logId !== this.#options.host.changes.logId ? undefined : since;
  }

  #request(message: LeaseRequest): void {
    observeClock(this.#options.clock, message.clock ?? undefined);
    const answer = this.#leases.answer(message);
    this.#underWay += 1;
    this.#regulate();
    this.#answered = this.#answered
      .then(() => answer)
      .then(
        (result) => this.#result(message, result),
        (error: unknown) => this.#refuse(error, message),
      )
      .then(() => {
        this.#underWay -= 1;
        this.#regulate();
      });
  }

  /** @param message that was refused, `undefined` when it was none */
  #refuse(error: unknown, message: ClientMessage | undefined, about: About = {}): void {
    const [code, text] = this.#explain(error);
    if (message !== undefined && isRequest(message)) {
      this.#result(message, { response_status: { error_code: code, error_message: text } });
      return;
    }
    const watch = message !== undefined && 'service_id' in message ? { service_id: message.service_id } : {};
    this.#reply({ type: 'error', error_code: code, message: text, ...about, ...watch });
  }

  #explain(error: unknown): [code: ArtemisError['code'], message: string] {
    if (error instanceof ArtemisError) return [error.code, error.message];
    const id = this.#options.random.id(16);
    this.#options.logger.error('A message over push failed', {
      request_id: id,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return ['internal-error', `internal error: the node's log says more under request id ${id}`];
  }

  #result(
    { id }: LeaseRequest,
    result: Omit<ServerMessage & { type: 'result' }, 'type' | 'id' | 'clock'>,
  ): void {
    const clock = String(this.#options.clock.stamp());
    this.#reply({ type: 'result', ...(id === null || id === undefined ? {} : { id }), clock, ...result });
  }

  #reply(message: ServerMessage): void {
    const frame = textFrame(messageText(message));
    if (this.#channel.congested) this.#owedBytes += frame.length;
    this.#channel.send(frame);
    this.#options.host.sent(message.type);
    this.#regulate();
  }

  /** A client that asks more than it reads is not listened to until it has read. */
  #regulate(): void {
    const pause = this.#underWay > maxUnderWay || this.#owedBytes > maxOwedBytes;
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.#channel.pause();
    else this.#channel.resume();
  }
}
