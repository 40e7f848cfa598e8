import {
  clientMessageSchema,
  instanceSchema,
  keyOf,
  serviceKeyOf,
  toInstance,
  type ClientMessage,
  type ErrorCode,
  type InstanceInput,
  type InstanceKeyInput,
} from '@artemis/core';
import type { DiscoveredInstance, InstanceChange } from './discovered-instance.js';
import type { SocketListener } from './environment.js';

/** What a fake node is told over a socket, and how it answers. */
interface FakeSession {
  readonly listener: SocketListener;
  readonly registered: Map<string, InstanceKeyInput>;
  readonly services: Set<string>;
  watchesAll: boolean;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, string>>;
}

/** A question that is held until the service changes. */
interface Held {
  readonly service: string;
  readonly answer: () => void;
}

/** Much of a node in little: a table, a numbered log, watchers and long polls. It keeps no leases. */
export class FakeNode {
  readonly url: string;
  runId = 1;
  /** How it behaves. `silent`: takes connections and says nothing. */
  mode: 'up' | 'down' | 'silent' | 'draining' = 'up';
  hasSockets = true;
  /** Answers every write so, while it is set. */
  refusal: ErrorCode | undefined;
  /** Changes that the log forgot. */
  forgotten = 0;
  clock = 1000;
  /** Urls that it names as the cluster's. */
  listed: { url: string; zone: string }[] = [];
  readonly messages: ClientMessage[] = [];
  readonly requests: FakeRequest[] = [];
  readonly sessions = new Set<FakeSession>();
  /** Told what a client wrote here. */
  replicate: (change: { put?: InstanceInput; remove?: InstanceKeyInput }) => void = () => undefined;
  #table = new Map<string, DiscoveredInstance>();
  #log: InstanceChange[] = [];
  #held = new Set<Held>();

  constructor(url: string) {
    this.url = url;
  }

  get logId(): string {
    return `${this.url}#${this.runId}`;
  }

  get revision(): number {
    return this.#log.length;
  }

  get keys(): string[] {
    return [...this.#table.values()].map(({ instance_id }) => instance_id).sort();
  }

  instancesOf(serviceId: string): DiscoveredInstance[] {
    const service = serviceKeyOf(serviceId);
    return [...this.#table.values()].filter(({ service_id }) => serviceKeyOf(service_id) === service);
  }

  put(input: InstanceInput): void {
    const instance = toInstance(instanceSchema.parse(input));
    const before = this.#table.get(keyOf(instance));
    this.#table.set(keyOf(instance), instance);
    if (JSON.stringify(before) === JSON.stringify(instance)) return;
    this.#change(before === undefined ? 'new' : 'change', instance, 'registered');
  }

  remove(key: InstanceKeyInput): void {
    const before = this.#table.get(keyOf(key));
    if (!this.#table.delete(keyOf(key)) || before === undefined) return;
    this.#change('delete', before, 'unregistered');
  }

  /** Loses everything, and begins another log. */
  restart(): void {
    this.stop();
    this.runId += 1;
    this.#log = [];
    this.#table = new Map();
    this.mode = 'up';
  }

  /** Every connection breaks. */
  stop(): void {
    this.mode = 'down';
    for (const { listener } of [...this.sessions]) listener.closed({ code: 1006, reason: 'reset' });
    this.sessions.clear();
    this.#release();
  }

  drain(): void {
    this.mode = 'draining';
    for (const { listener } of this.sessions) this.#say(listener, { type: 'goodbye', reason: 'draining' });
    this.#release();
  }

  /** Ends connections, as a proxy does; the node goes on. */
  cutSockets(): void {
    for (const { listener } of [...this.sessions]) listener.closed({ code: 1006, reason: 'cut' });
    this.sessions.clear();
  }

  /** Says to every session what it likes. */
  say(message: unknown): void {
    for (const { listener } of this.sessions) this.#say(listener, message);
  }

  accept(listener: SocketListener): FakeSession {
    const session: FakeSession = { listener, registered: new Map(), services: new Set(), watchesAll: false };
    this.sessions.add(session);
    listener.opened();
    return session;
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
        return this.#subscribe(message.service_id, message, reply);
      case 'unsubscribe':
        session.services.delete(serviceKeyOf(message.service_id));
        return reply({ type: 'unsubscribed', service_id: message.service_id });
      case 'subscribe_all':
        session.watchesAll = true;
        return this.#subscribeAll(message, reply);
      case 'unsubscribe_all':
        session.watchesAll = false;
        return reply({ type: 'unsubscribed_all' });
      case 'register':
      case 'unregister':
      case 'heartbeat':
        return reply({
          type: 'result',
          id: message.id,
          clock: String(this.#tick(message.clock)),
          ...this.#write(message.type, message as never, session),
        });
    }
  }

  /** Calls back with the answer, at once or once it has one. */
  serve(request: FakeRequest, answer: (answer: FakeAnswer) => void): void {
    if (this.mode === 'silent') return;
    this.requests.push(request);
    const clock = this.#tick(request.headers['X-Artemis-Clock']);
    const reply = (status: number, body?: unknown, headers = {}): void =>
      answer({ status, body, headers: { 'x-artemis-clock': String(clock), ...headers } });
    if (this.mode === 'draining') {
      const body = { response_status: { error_code: 'service-unavailable', error_message: 'draining' } };
      return reply(503, body, { 'retry-after': '1' });
    }
    const position = { revision: this.revision, log_id: this.logId };
    const success = { response_status: { error_code: 'success' } };
    const nodes = this.listed.map(({ url, zone }) => ({ url, zone: { region_id: 'local', zone_id: zone } }));
    switch (request.path) {
      case '/health/ready':
        return reply(200, { ready: true, gates: {} });
      case '/api/cluster/up-discovery-nodes.json':
      case '/api/cluster/up-registry-nodes.json':
        return reply(200, { ...success, nodes });
      case '/api/registry/register.json':
      case '/api/registry/unregister.json':
      case '/api/registry/heartbeat.json':
        return reply(200, this.#write(/(\w+)\.json/.exec(request.path)?.[1] ?? '', request.body as never));
      case '/api/discovery/services.json':
        return reply(200, {
          ...success,
          ...position,
          services: this.#serviceIds().map((id) => ({ service_id: id })),
        });
      case '/api/discovery/lookup.json': {
        const configs = request.body['discovery_configs'] as { service_id: string }[];
        const services = configs.map(({ service_id }) => this.#serviceOf(service_id));
        return reply(200, { ...success, ...position, services });
      }
      case '/api/discovery/services-delta.json':
        return reply(200, this.#delta(request.body as never));
      case '/api/discovery/service.json':
        return this.#service(request, reply);
      default:
        return reply(404, { response_status: { error_code: 'data-not-found' } });
    }
  }

  #tick(seen: string | null | undefined): number {
    this.clock = Math.max(this.clock, Number(seen ?? 0)) + 1;
    return this.clock;
  }

  #write(
    type: string,
    message: { instances?: InstanceInput[]; instance_keys?: InstanceKeyInput[] },
    session?: FakeSession,
  ): object {
    if (this.refusal !== undefined) {
      return { response_status: { error_code: this.refusal, error_message: 'as the test wants' } };
    }
    const success = { response_status: { error_code: 'success' } };
    if (type === 'register') {
      const instances = message.instances ?? [];
      const failed = instances.filter(({ metadata }) => metadata?.['refuse'] === 'yes');
      for (const instance of instances.filter((one) => !failed.includes(one))) {
        this.put(instance);
        session?.registered.set(keyOf(instance), instance);
        this.replicate({ put: instance });
      }
      if (failed.length === 0) return success;
      return {
        response_status: { error_code: failed.length === instances.length ? 'bad-request' : 'partial_fail' },
        failed_instances: failed.map((instance) => ({
          instance,
          error_code: 'bad-request',
          error_message: 'instances[0].metadata: refused',
        })),
      };
    }
    if (type === 'unregister') {
      for (const key of message.instance_keys ?? []) {
        this.remove(key);
        session?.registered.delete(keyOf(key));
        this.replicate({ remove: key });
      }
      return success;
    }
    const keys = message.instance_keys ?? [...(session?.registered.values() ?? [])];
    const unknown = keys.filter((key) => !this.#table.has(keyOf(key)));
    if (keys.length > 0 && unknown.length === 0) return success;
    return { response_status: { error_code: 'bad-request' }, failed_instance_keys: unknown };
  }

  #service(
    { method, query, headers, body }: FakeRequest,
    reply: (status: number, body?: unknown, headers?: object) => void,
  ): void {
    const config = body['discovery_config'] as { service_id: string; discovery_data?: { status?: string } };
    const id = method === 'GET' ? (query.get('service_id') ?? '') : config.service_id;
    const service = serviceKeyOf(id);
    const isAny = (method === 'GET' ? query.get('status') : config.discovery_data?.status) === 'any';
    const now = (): void => {
      const changes = this.#log.filter(({ instance }) => serviceKeyOf(instance.service_id) === service);
      const revision = changes.at(-1)?.revision;
      const position = { log_id: this.logId, revision: revision ?? this.revision };
      if (this.mode !== 'up') return reply(503, { response_status: { error_code: 'service-unavailable' } });
      if (revision === undefined)
        return reply(200, { response_status: { error_code: 'bad-request' }, ...position });
      const etag = `"${this.logId}-${revision}"`;
      if (headers['If-None-Match'] === etag) {
        if (!query.has('wait')) return reply(304, undefined, { etag });
        this.#held.add({ service, answer: now });
        return;
      }
      const instances = this.instancesOf(id).filter(({ status }) => isAny || status === 'up');
      reply(
        200,
        { response_status: { error_code: 'success' }, service: { service_id: id, instances }, ...position },
        { etag },
      );
    };
    now();
  }

  #delta({ since_revision, log_id }: { since_revision: number; log_id: string }): object {
    const position = { revision: this.revision, log_id: this.logId };
    if (log_id !== this.logId || since_revision < this.forgotten) {
      return { response_status: { error_code: 'data-not-found' }, changes: [], ...position };
    }
    return {
      response_status: { error_code: 'success' },
      changes: this.#log.slice(since_revision),
      ...position,
    };
  }

  #canResume({
    since_revision,
    log_id,
  }: {
    since_revision?: number | null | undefined;
    log_id?: string | null | undefined;
  }): boolean {
    return log_id === this.logId && typeof since_revision === 'number' && since_revision >= this.forgotten;
  }

  #subscribe(
    serviceId: string,
    since: Parameters<FakeNode['replicate']>[0] & object,
    reply: (answer: object) => void,
  ): void {
    const from = since as { since_revision?: number; log_id?: string };
    const position = { revision: this.revision, log_id: this.logId };
    const subscribed = { type: 'subscribed', service_id: serviceId, ...position };
    if (!this.#canResume(from)) return reply({ ...subscribed, service: this.#serviceOf(serviceId) });
    reply(subscribed);
    for (const change of this.#log.slice(from.since_revision)) {
      if (serviceKeyOf(change.instance.service_id) === serviceKeyOf(serviceId)) reply(this.#message(change));
    }
  }

  #subscribeAll(
    since: { since_revision?: number | null | undefined; log_id?: string | null | undefined },
    reply: (answer: object) => void,
  ): void {
    const position = { revision: this.revision, log_id: this.logId };
    if (this.#canResume(since)) {
      reply({ type: 'subscribed_all', revision: since.since_revision, log_id: this.logId });
      for (const change of this.#log.slice(since.since_revision ?? 0)) reply(this.#message(change));
      return;
    }
    for (const id of this.#serviceIds()) {
      reply({ type: 'subscribed', service_id: id, ...position, service: this.#serviceOf(id) });
    }
    reply({ type: 'subscribed_all', ...position });
  }

  #serviceIds(): string[] {
    return [...new Set([...this.#table.values()].map(({ service_id }) => service_id))];
  }

  #serviceOf(serviceId: string): object {
    return { service_id: serviceId, instances: this.instancesOf(serviceId) };
  }

  #message(change: InstanceChange): object {
    const { instance, revision } = change;
    return {
      type: 'service_change',
      service_id: instance.service_id,
      revision,
      log_id: this.logId,
      changes: [change],
    };
  }

  #change(
    change_type: InstanceChange['change_type'],
    instance: DiscoveredInstance,
    reason: 'registered' | 'unregistered',
  ): void {
    const revision = this.#log.length + 1;
    const change: InstanceChange = {
      change_type,
      instance,
      change_time: '2025-01-01T00:00:00.000Z',
      revision,
      reason,
    };
    this.#log.push(change);
    const service = serviceKeyOf(instance.service_id);
    for (const { listener, services, watchesAll } of this.sessions) {
      if (watchesAll || services.has(service)) this.#say(listener, this.#message(change));
    }
    for (const held of [...this.#held].filter((one) => one.service === service)) {
      this.#held.delete(held);
      held.answer();
    }
  }

  #release(): void {
    const held = [...this.#held];
    this.#held.clear();
    for (const { answer } of held) answer();
  }

  #say(listener: SocketListener, message: unknown): void {
    if (this.mode !== 'silent' && this.mode !== 'down') listener.message(JSON.stringify(message));
  }
}
