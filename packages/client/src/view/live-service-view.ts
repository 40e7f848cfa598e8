import { Balancer } from '../balance/balancer.js';
import type { CallOutcome, PickOptions } from '../balance/pick-options.js';
import type { ClientContext } from '../client-context.js';
import { ClientError } from '../client-error.js';
import type { DiscoveredInstance, InstanceChange } from '../discovered-instance.js';
import { Emitter, type Unsubscribe } from '../emitter.js';
import type { WaitOptions } from '../options.js';
import type { SnapshotStore } from '../snapshots/snapshot-store.js';
import type { Position } from '../transport/session.js';
import { abortable, Deferred } from '../waiting.js';
import { HeldService } from './held-service.js';
import { LastKnown } from './last-known.js';
import type { ServiceView, ServiceViewEvents } from './service-view.js';

export interface LiveServiceViewOptions {
  readonly context: ClientContext;
  readonly serviceId: string;
  readonly snapshots: SnapshotStore | undefined;
  /** Told once. */
  readonly closed: () => void;
}

/** A view that is fed by whatever session there is. */
export class LiveServiceView implements ServiceView {
  readonly serviceId: string;
  readonly #context: ClientContext;
  readonly #closed: () => void;
  readonly #balancer: Balancer;
  readonly #held = new HeldService();
  readonly #events: Emitter<ServiceViewEvents>;
  readonly #lastKnown: LastKnown;
  readonly #ready = new Deferred<void>();
  #position: Position | undefined;
  #isStale = true;
  /** Whether a node has answered, ever. */
  #isAnswered = false;
  #closing: Promise<void> | undefined;

  constructor({ context, serviceId, snapshots, closed }: LiveServiceViewOptions) {
    this.serviceId = serviceId;
    this.#context = context;
    this.#closed = closed;
    const { environment, region, zone } = context;
    this.#balancer = new Balancer({ clock: environment.clock, random: environment.random, region, zone });
    this.#events = new Emitter(context.listenerFailed);
    this.#lastKnown = new LastKnown(context, snapshots, serviceId, () => this.instances);
    if (snapshots !== undefined) void this.#recall();
  }

  get instances(): readonly DiscoveredInstance[] {
    return this.#held.instances;
  }

  get stale(): boolean {
    return this.#isStale;
  }

  /** Where a node that knows the log can go on; `undefined` when everything is needed. */
  get position(): Position | undefined {
    return this.#position;
  }

  async ready({ signal }: WaitOptions = {}): Promise<void> {
    if (this.#closing !== undefined) throw this.#closedError();
    return abortable(this.#ready.promise, signal);
  }

  on<Name extends keyof ServiceViewEvents>(
    name: Name,
    listener: (event: ServiceViewEvents[Name]) => void,
  ): Unsubscribe {
    return this.#events.on(name, listener);
  }

  pick(options: PickOptions = {}): DiscoveredInstance | undefined {
    return this.#balancer.pick(this.instances, options);
  }

  report(instance: DiscoveredInstance, outcome: CallOutcome): void {
    this.#balancer.report(instance, outcome);
  }

  use(instance: DiscoveredInstance): Disposable {
    return this.#balancer.use(instance);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A node told everything. */
  replace(instances: readonly DiscoveredInstance[], position: Position | undefined): void {
    this.#position = position;
    this.#context.metrics.increment('snapshots', 1);
    const change_time = new Date(this.#context.environment.clock.wallMs()).toISOString();
    const changes = this.#held.replace(instances, { change_time, revision: position?.revision ?? 0 });
    this.#answered(changes);
  }

  /** A node goes on from where the view stands. */
  resume(): void {
    this.#context.metrics.increment('resumes', 1);
    this.#answered([]);
  }

  /** A node told what has changed. Answers `false` when it cannot be put to what is held. */
  apply(changes: readonly InstanceChange[], position: Position): boolean {
    const held = this.#position;
    if (held?.logId !== position.logId) return false;
    this.#position = position;
    this.#answered(this.#held.apply(changes.filter(({ revision }) => revision > held.revision)));
    return true;
  }

  /** No node is listened to from here on. */
  lost(): void {
    this.#setStale(true);
  }

  #answered(changes: readonly InstanceChange[]): void {
    const isFirst = !this.#isAnswered;
    this.#isAnswered = true;
    this.#setStale(false);
    // What was stored and is confirmed without a change is to be stored with the time of now.
    if (isFirst || changes.length > 0) this.#lastKnown.changed();
    this.#tell(changes);
    this.#ready.resolve();
  }

  #tell(changes: readonly InstanceChange[]): void {
    if (changes.length === 0) return;
    this.#context.metrics.increment('changes', changes.length);
    this.#events.emit('change', { changes, instances: this.instances });
  }

  #setStale(isStale: boolean): void {
    if (this.#isStale === isStale || this.#closing !== undefined) return;
    this.#isStale = isStale;
    this.#events.emit('stale', isStale);
  }

  /** Holds what was stored while no node answers, and counts it as an answer when none does for a while. */
  async #recall(): Promise<void> {
    const { environment, requestTimeoutMs } = this.#context;
    const startMs = environment.clock.monotonicMs();
    const stored = await this.#lastKnown.load();
    if (stored === undefined || this.#isAnswered || this.#closing !== undefined) return;
    const change_time = new Date(stored.savedAtMs).toISOString();
    this.#tell(this.#held.replace(stored.instances, { change_time, revision: 0 }));
    const restMs = requestTimeoutMs - (environment.clock.monotonicMs() - startMs);
    environment.scheduler.after(Math.max(0, restMs), () => this.#ready.resolve());
  }

  async #close(): Promise<void> {
    this.#isStale = true;
    this.#closed();
    this.#ready.reject(this.#closedError());
    await this.#lastKnown.close();
  }

  #closedError(): ClientError {
    return new ClientError('closed', `the view of ${this.serviceId} is closed`);
  }
}
