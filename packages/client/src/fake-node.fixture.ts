import {
  clientMessageSchema,
  keyOf,
  serviceKeyOf,
  type ClientMessage,
  type ErrorCode,
  type InstanceInput,
  type InstanceKeyInput,
} from '@artemis/core';
import type { InstanceChange } from './discovered-instance.js';
import type { SocketListener } from './environment.js';
import { FakeHttp, type FakeAnswer, type FakeRequest } from './fake-http.fixture.js';
import { FakeTable } from './fake-table.fixture.js';

interface FakeSession {
  readonly listener: SocketListener;
  readonly registered: Map<string, InstanceKeyInput>;
  readonly services: Set<string>;
  watchesAll: boolean;
}

/** What a write came to. */
interface Written {
  readonly response_status: { readonly error_code: ErrorCode; readonly error_message?: string };
  readonly failed_instances?: readonly object[];
  readonly failed_instance_keys?: readonly object[];
}

const success: Written = { response_status: { error_code: 'success' } };

/** Much of a node in little: a table, watchers and long polls. It keeps no leases. */
export class FakeNode {
  readonly url: string;
  readonly table: FakeTable;
  /** How it behaves. `silent`: takes connections and says nothing. */
  mode: 'up' | 'down' | 'silent' | 'draining' = 'up';
  hasSockets = true;
  /** Answers every write so, while it is set. */
  refusal: ErrorCode | undefined;
  /** Said to every socket in the very moment in which it opens. */
  greeting: object | undefined;
  /** Answers every watch of everything so, while it is set. */
  overloaded: object | undefined;
  clock = 1000;
  /** Urls that it names as the cluster's. */
  listed: { url: string; zone: string }[] = [];
  readonly messages: ClientMessage[] = [];
  readonly requests: FakeRequest[] = [];
  readonly sessions = new Set<FakeSession>();
  /** Told what a client wrote here. */
  replicate: (change: { put?: InstanceInput; remove?: InstanceKeyInput }) => void = () => undefined;
  /** Runs something after so many milliseconds. */
  readonly later: (delayMs: number, task: () => void) => void;
  readonly #http: FakeHttp;

  constructor(url: string, later: (delayMs: number, task: () => void) => void) {
    this.url = url;
    this.later = later;
    this.table = new FakeTable(url);
    this.table.changed = (change) => this.#changed(change);
    this.#http = new FakeHttp(this);
  }

  /** Ids of its instances, sorted. */
  get ids(): string[] {
    return this.table.instances.map(({ instance_id }) => instance_id).sort();
  }

  /** Messages of a type that clients sent. */
  heard<Type extends ClientMessage['type']>(type: Type): Extract<ClientMessage, { type: Type }>[] {
    return this.messages.filter(
      (message): message is Extract<ClientMessage, { type: Type }> => message.type === type,
    );
  }

  /** Loses everything, and begins another log. */
  restart(): void {
    this.stop();
    this.table.restart();
    this.mode = 'up';
  }

  /** Every connection breaks. */
  stop(): void {
    this.mode = 'down';
    this.cutSockets();
    this.#http.release();
  }

  drain(): void {
    this.mode = 'draining';
    this.say({ type: 'goodbye', reason: 'draining' });
    this.#http.release();
  }

  /** Ends connections, as a proxy does; the node goes on. */
  cutSockets(): void {
    for (const { listener } of [...this.sessions]) listener.closed({ code: 1006, reason: 'cut' });
    this.sessions.clear();
  }

  /** Says to every session what it likes. */
  say(message: object): void {
    for (const { listener } of this.sessions) this.#say(listener, message);
  }

  accept(listener: SocketListener): FakeSession {
    const session: FakeSession = { listener, registered: new Map(), services: new Set(), watchesAll: false };
    this.sessions.add(session);
    listener.opened();
    return session;
  }

  serve(request: FakeRequest, reply: (answer: FakeAnswer) => void): void {
    if (this.mode === 'silent') return;
    this.requests.push(request);
    const clock = String(this.#tick(request.headers['X-Artemis-Clock']));
    this.#http.serve(request, (answer) =>
      reply({ ...answer, headers: { 'x-artemis-clock': clock, ...answer.headers } }),
    );
  }

  hear(session: FakeSession, text: string): void {
    if (this.mode === 'silent') return;
    const message = clientMessageSchema.parse(JSON.parse(text));
    this.messages.push(message);
    const reply = (answer: object): void => this.#say(session.listener, answer);
    switch (message.type) {
      case 'ping':
        return reply({ type: 'pong' });
      case 'subscribe':
        session.services.add(serviceKeyOf(message.service_id));
        return this.#subscribe(message, reply);
      case 'unsubscribe':
        session.services.delete(serviceKeyOf(message.service_id));
        return reply({ type: 'unsubscribed', service_id: message.service_id });
      case 'subscribe_all':
        if (this.overloaded !== undefined) return reply(this.overloaded);
        session.watchesAll = true;
        return this.#subscribeAll(message, reply);
      case 'unsubscribe_all':
        session.watchesAll = false;
        return reply({ type: 'unsubscribed_all' });
      case 'register':
      case 'unregister':
      case 'heartbeat': {
        const clock = String(this.#tick(message.clock));
        return reply({
          type: 'result',
          id: message.id,
          clock,
          ...this.write(message.type, message, session),
        });
      }
    }
  }

  /** Does what a client asks. An instance whose metadata say `refuse: yes` is refused. */
  write(type: string, content: object, session?: FakeSession): Written {
    if (this.refusal !== undefined)
      return { response_status: { error_code: this.refusal, error_message: 'as the test wants' } };
    const { instances = [], instance_keys: keys } = content as {
      instances?: InstanceInput[];
      instance_keys?: InstanceKeyInput[];
    };
    if (type === 'register') return this.#register(instances, session);
    if (type === 'unregister') {
      for (const key of keys ?? []) {
        this.table.remove(key);
        session?.registered.delete(keyOf(key));
        this.replicate({ remove: key });
      }
      return success;
    }
    const meant = keys ?? [...(session?.registered.values() ?? [])];
    const unknown = meant.filter((key) => !this.table.has(key));
    if (meant.length > 0 && unknown.length === 0) return success;
    return { response_status: { error_code: 'bad-request' }, failed_instance_keys: unknown };
  }

  #register(instances: readonly InstanceInput[], session?: FakeSession): Written {
    const refused = instances.filter(({ metadata }) => metadata?.['refuse'] === 'yes');
    for (const instance of instances.filter((one) => !refused.includes(one))) {
      this.table.put(instance);
      session?.registered.set(keyOf(instance), instance);
      this.replicate({ put: instance });
    }
    if (refused.length === 0) return success;
    const failure = { error_code: 'bad-request', error_message: 'instances[0].metadata: refused' };
    return {
      response_status: { error_code: refused.length === instances.length ? 'bad-request' : 'partial_fail' },
      failed_instances: refused.map((instance) => ({ instance, ...failure })),
    };
  }

  #tick(seen: string | null | undefined): number {
    this.clock = Math.max(this.clock, Number(seen ?? 0)) + 1;
    return this.clock;
  }

  #subscribe(
    { service_id, since_revision, log_id }: Extract<ClientMessage, { type: 'subscribe' }>,
    reply: (answer: object) => void,
  ): void {
    const missed = this.table.since(log_id, since_revision);
    const subscribed = { type: 'subscribed', service_id, ...this.table.position };
    if (missed === undefined) return reply({ ...subscribed, service: this.table.service(service_id) });
    reply({ ...subscribed, revision: since_revision });
    for (const change of missed) {
      if (serviceKeyOf(change.instance.service_id) === serviceKeyOf(service_id))
        reply(this.#messageOf(change));
    }
  }

  #subscribeAll(
    { since_revision, log_id }: Extract<ClientMessage, { type: 'subscribe_all' }>,
    reply: (answer: object) => void,
  ): void {
    const { position } = this.table;
    const missed = this.table.since(log_id, since_revision);
    if (missed !== undefined) {
      reply({ type: 'subscribed_all', revision: since_revision, log_id });
      for (const change of missed) reply(this.#messageOf(change));
      return;
    }
    for (const service_id of this.table.serviceIds) {
      reply({ type: 'subscribed', service_id, ...position, service: this.table.service(service_id) });
    }
    reply({ type: 'subscribed_all', ...position });
  }

  #messageOf(change: InstanceChange): object {
    const position = { ...this.table.position, revision: change.revision };
    return { type: 'service_change', service_id: change.instance.service_id, ...position, changes: [change] };
  }

  #changed(change: InstanceChange): void {
    const service = serviceKeyOf(change.instance.service_id);
    for (const { listener, services, watchesAll } of this.sessions) {
      if (watchesAll || services.has(service)) this.#say(listener, this.#messageOf(change));
    }
    this.#http.changed(change);
  }

  #say(listener: SocketListener, message: object): void {
    if (this.mode !== 'silent' && this.mode !== 'down') listener.message(JSON.stringify(message));
  }
}
