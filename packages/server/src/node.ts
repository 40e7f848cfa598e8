import type { AppState, Cancel, Change, ConfigResponse, ChangeFeed, Runtime } from '@artemis/core';
import { namesOf } from '@artemis/core';
import type { ArtemisConfig, ConfigOverrides } from '@artemis/core/config';
import { defaultConfig, describeConfig, loadConfig } from '@artemis/core/config';
import { appStateOf } from './app-state.js';
import { NodeParts } from './node-parts.js';
import { restore } from './registry/restore.js';
import { systemRuntime } from './runtime.js';
import { TurnLog } from './turn-log.js';
import { untilReady } from './until-ready.js';

const longestSweepMs = 60_000;

export interface NodeOptions {
  /** For `/api/status/config.json`; default: the configuration given, as set by the program. */
  readonly describeConfig?: () => ConfigResponse;
  /** Whether the metrics of the process are collected too; for a node that has a process to itself. Default false. */
  readonly processMetrics?: boolean;
}

/**
 * One node of a cluster. `@artemis/web` serves its `state`. Each step of its life is taken once, however often it is
 * called: later calls share the outcome of the first.
 */
export interface ArtemisNode extends AsyncDisposable {
  readonly state: AppState;
  readonly changes: ChangeFeed;
  /** The configuration in force, complete. */
  readonly config: ArtemisConfig;
  /** What it runs on. */
  readonly runtime: Runtime;
  /**
   * Loads the store. Rejects, with what is wrong as the message, when this node must not go on with it: another process
   * holds it, or it may not be written to.
   */
  open(): Promise<void>;
  /**
   * Begins to watch leases and peers, after {@link open} if that has not been called. A node with peers may not be ready
   * yet when this resolves: see {@link ready}. Rejects as `open` does, and on a node that was drained or stopped.
   */
  start(): Promise<void>;
  /**
   * Resolves when the node is ready: it holds what its peers hold, and takes writes. May be called before
   * {@link start}. Rejects when the start fails, the node is drained or stopped, or the signal aborts.
   */
  ready(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Refuses writes from now on, tells the peers that it leaves, and sends what waits for them, for at most
   * `server.drainTimeoutMs`. Reads are answered on.
   */
  drain(): Promise<void>;
  /** Applies `cluster.peers` and the rate limits of another configuration. Nothing else of it takes effect. */
  reload(config: ArtemisConfig): void;
  /** Ends everything that runs. Nothing can be started again. */
  stop(): Promise<void>;
  /** {@link drain}, then {@link stop}. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Builds a node and wires it. Nothing runs, and nothing outside is touched, before it is started.
 *
 * @param config what is to be other than the defaults, in the names and units of the code: `{ lease: { ttlMs: 60_000 } }`
 * @param runtime time, chance, peers, disk and log; default: the real ones, without a log
 * @throws ConfigError with everything that is wrong with the configuration
 */
export function createNode(
  config: ConfigOverrides = {},
  runtime?: Runtime,
  options: NodeOptions = {},
): ArtemisNode {
  const complete = defaultConfig(config);
  const describe = () => ({
    config: describeConfig(loadConfig({ overrides: config, hostName: 'localhost' })),
  });
  return new Node(complete, runtime ?? systemRuntime(complete), {
    describeConfig: describe,
    ...options,
  });
}

class Node implements ArtemisNode {
  readonly state: AppState;
  readonly #parts: NodeParts;
  readonly #registrations: TurnLog<string>;
  #opening: Promise<void> | undefined;
  #starting: Promise<void> | undefined;
  #draining: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #failure: Error | undefined;
  #sweeping: Cancel | undefined;

  constructor(
    config: ArtemisConfig,
    runtime: Runtime,
    options: NodeOptions & Required<Pick<NodeOptions, 'describeConfig'>>,
  ) {
    const { scheduler, logger } = runtime;
    this.#parts = new NodeParts(config, runtime);
    if (options.processMetrics === true) this.#parts.metrics.collectProcessMetrics();
    this.#registrations = new TurnLog(scheduler, (reason, subject) => logger.info(`${subject} ${reason}`));
    this.#listen();
    this.state = appStateOf(this.#parts, options.describeConfig);
  }

  get changes(): ChangeFeed {
    return this.#parts.changes;
  }

  get config(): ArtemisConfig {
    return this.#parts.config;
  }

  get runtime(): Runtime {
    return this.#parts.runtime;
  }

  open(): Promise<void> {
    this.#opening ??= this.#load();
    return this.#opening;
  }

  start(): Promise<void> {
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    });
    return this.#starting;
  }

  ready({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return untilReady({
      scheduler: this.#parts.runtime.scheduler,
      readiness: () => this.state.health.readiness(),
      over: () => this.#failure ?? this.#ended,
      signal,
    });
  }

  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain().finally(() => this.stop());
  }

  /** Why nothing can begin any more. */
  get #ended(): Error | undefined {
    if (this.#stopping !== undefined) return new Error('this node was stopped: create another');
    if (this.#draining !== undefined) return new Error('this node was drained: create another');
    return undefined;
  }

  #refuseEnded(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  async #load(): Promise<void> {
    this.#refuseEnded();
    const { runtime, config, identity, clock, repository, leasing, notes, commit } = this.#parts;
    const stored = await runtime.store.open();
    leasing.time.begin();
    notes.continue(stored.notes);
    const absence = restore(stored, {
      config,
      nodeId: identity.nodeId,
      clock: runtime.clock,
      repository,
      hold: (key) => leasing.lapsed.hold(key),
      observe: (stamp) => clock.observe(stamp),
    });
    if (absence !== undefined)
      runtime.logger.warn(`This node hides what its store holds until somebody confirms it: ${absence}`);
    commit.start();
  }

  async #start(): Promise<void> {
    this.#refuseEnded();
    const { runtime, config, leases, tombstones, loopLag, discovery, peers, self } = this.#parts;
    const { scheduler } = runtime;
    await this.open();
    this.#refuseEnded();
    leases.start();
    tombstones.start();
    loopLag.start();
    this.#sweeping = scheduler.every(Math.min(longestSweepMs, config.cache.expiryMs), () =>
      discovery.sweep(runtime.clock.monotonicMs()),
    );
    peers.replication.start();
    peers.cluster.start(peers.replication);
    peers.bootstrap.start();
    self.phase = 'up';
  }

  async #drain(): Promise<void> {
    const { self, peers, config } = this.#parts;
    self.phase = 'draining';
    // Whoever is told takes over the instances whose clients come; nobody waits for an answer longer than for the rest.
    const told = peers.cluster.leave();
    const { drainTimeoutMs } = config.server;
    await Promise.all([peers.replication.drain(drainTimeoutMs), this.#within(drainTimeoutMs, told)]);
  }

  reload({ cluster, ratelimit }: ArtemisConfig): void {
    this.#parts.limiter.configure(ratelimit);
    void this.#parts.peers.cluster.configure(cluster.peers);
  }

  async #stop(): Promise<void> {
    const { runtime, leases, leasing, tombstones, loopLag, commit, peers, self } = this.#parts;
    self.phase = 'draining';
    peers.bootstrap.stop();
    peers.cluster.stop();
    peers.replication.stop();
    leases.stop();
    leasing.lapsed.stop();
    tombstones.stop();
    loopLag.stop();
    this.#sweeping?.();
    this.#registrations.stop();
    // A store that is being opened cannot be closed yet, and one that could not be opened need not be.
    await this.#opening?.catch(() => undefined);
    await commit.close();
    await runtime.store.close();
    runtime.transport.close();
  }

  async #within(deadlineMs: number, task: Promise<void>): Promise<void> {
    let cancel: Cancel | undefined;
    const deadline = new Promise<void>((resolve) => {
      cancel = this.#parts.runtime.scheduler.after(deadlineMs, resolve);
    });
    await Promise.race([task, deadline]);
    cancel?.();
  }

  /** The listeners of the change log, in the order in which they see a change. */
  #listen(): void {
    const { changes, digest, leases, leasing, discovery, tombstones, peers, commit, metrics } = this.#parts;
    const listeners = [
      (change: Change) => digest.onChange(change),
      (change: Change) => leasing.owned.onChange(change),
      (change: Change) => leases.onChange(change),
      (change: Change) => discovery.onChange(change),
      (change: Change) => tombstones.onChange(change),
      (change: Change) => peers.replication.onChange(change),
      (change: Change) => commit.onChange(change),
      (change: Change) => metrics.onChange(change),
      (change: Change) => this.#logChange(change),
      (change: Change) => leasing.lapsed.onChange(change),
    ];
    for (const listener of listeners) changes.subscribe(listener);
  }

  /** What peers did is logged by the request that brought it, what the store brought not at all. */
  #logChange({ origin, reason, record }: Change): void {
    if (origin !== 'local' && origin !== 'view') return;
    const { service_id: service, instance_id: instance } = namesOf(record);
    this.#registrations.note(reason, `${service}/${instance}`);
  }
}
