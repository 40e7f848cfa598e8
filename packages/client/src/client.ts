import type { InstanceInput } from '@artemis/core';
import type { ArtemisClient, ClientEvents, InstancesOptions } from './artemis-client.js';
import type { ClientContext } from './client-context.js';
import { ClientError } from './client-error.js';
import type { DiscoveredInstance } from './discovered-instance.js';
import { Emitter, type Unsubscribe } from './emitter.js';
import { NodeList } from './nodes/node-list.js';
import { NodeRefresher } from './nodes/node-refresher.js';
import type { ClientOptions, WaitOptions } from './options.js';
import { completeInstance } from './registration/check-instance.js';
import { Registrar } from './registration/registrar.js';
import type { InstanceToRegister, Registration } from './registration/registration.js';
import { contextOf, urlsOf } from './settings.js';
import { Connector, type ConnectorListener } from './transport/connector.js';
import { HttpApi } from './transport/http-api.js';
import { Questions } from './transport/questions.js';
import { abortable } from './waiting.js';
import type { AllView } from './view/all-view.js';
import { LiveAllView } from './view/live-all-view.js';
import type { ServiceView } from './view/service-view.js';
import { Watches } from './view/watches.js';

/** Makes a client. Nothing is sent before it is used. Throws `invalid` when the options make no sense. */
export function createClient(options: ClientOptions): ArtemisClient {
  return new Client(options);
}

const defaultRefreshMs = 30_000;

/** Puts the parts together: one session for all registrations and views, and one for each view of everything. */
class Client implements ArtemisClient {
  readonly #context: ClientContext;
  readonly #options: ClientOptions;
  readonly #events: Emitter<ClientEvents>;
  readonly #nodes: NodeList;
  readonly #api: HttpApi;
  readonly #refresher: NodeRefresher;
  readonly #questions: Questions;
  readonly #registrar: Registrar;
  readonly #watches: Watches;
  readonly #connector: Connector;
  readonly #allViews = new Set<LiveAllView>();
  #closing: Promise<void> | undefined;

  constructor(options: ClientOptions) {
    const context = contextOf(options, (error) => this.#events.emit('error', error));
    const { clock, random } = context.environment;
    const { region, zone } = context;
    this.#context = context;
    this.#options = options;
    this.#events = new Emitter(context.listenerFailed);
    this.#nodes = new NodeList({ urls: urlsOf(options), region, zone, clock, random });
    this.#api = new HttpApi(context);
    const refreshMs = options.nodeRefreshIntervalMs ?? defaultRefreshMs;
    this.#refresher = new NodeRefresher(context, this.#api, this.#nodes, refreshMs, () => {
      this.#events.emit('nodes', this.nodes);
    });
    this.#questions = new Questions(context, this.#api, this.#nodes, (node) => this.#refresher.heard(node));
    this.#registrar = new Registrar(context, options.heartbeatIntervalMs);
    this.#watches = new Watches(context, options.snapshots);
    this.#connector = this.#connect(this.#mainListener());
    if (options.signal?.aborted === true) void this.close();
    else options.signal?.addEventListener('abort', this.#abort);
  }

  get nodes(): readonly string[] {
    return this.#nodes.urls;
  }

  async register(instance: InstanceToRegister, { signal }: WaitOptions = {}): Promise<Registration> {
    this.#requireOpen();
    const complete: InstanceInput = completeInstance(instance, this.#context);
    const entry = this.#registrar.add(complete);
    this.#connector.start();
    try {
      await abortable(entry.taken(), signal);
      return entry;
    } catch (error) {
      if (error instanceof ClientError && error.code === 'refused') this.#registrar.forget(entry);
      // A node may have taken it, though nobody has heard so.
      else void entry.close();
      throw error;
    }
  }

  service(serviceId: string): ServiceView {
    this.#requireOpen();
    const view = this.#watches.view(serviceId);
    this.#connector.start();
    return view;
  }

  watchAll(): AllView {
    this.#requireOpen();
    const view: LiveAllView = new LiveAllView(this.#context, () => {
      this.#allViews.delete(view);
      connector.stop();
    });
    const connector = this.#connect(view);
    this.#allViews.add(view);
    connector.start();
    return view;
  }

  async services(options: WaitOptions = {}): Promise<string[]> {
    this.#requireOpen();
    return this.#questions.services(options);
  }

  async instances(serviceId: string, options: InstancesOptions = {}): Promise<DiscoveredInstance[]> {
    this.#requireOpen();
    return this.#questions.instances(serviceId, options);
  }

  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (event: ClientEvents[Name]) => void,
  ): Unsubscribe {
    return this.#events.on(name, listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #abort = (): void => void this.close();

  async #close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#abort);
    this.#refresher.stop();
    await Promise.all([...this.#allViews].map((view) => view.close()));
    await Promise.all([this.#watches.close(), this.#registrar.close()]);
    this.#connector.stop();
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw new ClientError('closed', 'the client is closed');
  }

  #connect(listener: ConnectorListener): Connector {
    const connector: Connector = new Connector(
      {
        context: this.#context,
        nodes: this.#nodes,
        api: this.#api,
        transport: this.#options.transport ?? 'auto',
        connected: ({ node, transport }) => {
          this.#refresher.heard(node);
          this.#refresher.follow(() => connector.session?.node);
          this.#events.emit('connected', { node, transport });
        },
        disconnected: ({ node }, { reason }) => this.#events.emit('disconnected', { node, reason }),
      },
      listener,
    );
    return connector;
  }

  #mainListener(): ConnectorListener {
    const [watches, registrar] = [this.#watches, this.#registrar];
    return {
      online: (session) => {
        registrar.online(session);
        watches.online(session);
      },
      offline: () => {
        registrar.offline();
        watches.offline();
      },
      snapshot: (...args) => watches.snapshot(...args),
      resumed: (...args) => watches.resumed(...args),
      changes: (...args) => watches.changes(...args),
      refused: (...args) => watches.refused(...args),
      // A fresh snapshot needs nothing beforehand, and this session never watches everything.
      reloading: () => undefined,
      allKnown: () => undefined,
    };
  }
}
