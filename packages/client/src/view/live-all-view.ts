import { serviceKeyOf } from '@artemis/core';
import type { ClientContext } from '../client-context.js';
import { ClientError } from '../client-error.js';
import type { DiscoveredInstance, InstanceChange } from '../discovered-instance.js';
import { Emitter, type Unsubscribe } from '../emitter.js';
import type { WaitOptions } from '../options.js';
import type { ConnectorListener } from '../transport/connector.js';
import { refusedPauseMs, type Position, type Session } from '../transport/session.js';
import { abortable, Deferred } from '../waiting.js';
import type { AllView, AllViewEvents } from './all-view.js';
import { ChangeIterator } from './change-iterator.js';
import { HeldService } from './held-service.js';

interface HeldEntry {
  /** As registered. */
  readonly serviceId: string;
  readonly held: HeldService;
  /** Up to where `held` knows the log. */
  position: Position | undefined;
}

/** A view of everything that is fed by a session of its own. */
export class LiveAllView implements AllView, ConnectorListener {
  readonly #context: ClientContext;
  readonly #closed: () => void;
  readonly #services = new Map<string, HeldEntry>();
  readonly #events: Emitter<AllViewEvents>;
  readonly #iterators = new Set<ChangeIterator>();
  readonly #ready = new Deferred<void>();
  /** Up to where everything is known; `undefined` before it is. */
  #position: Position | undefined;
  #session: Session | undefined;
  #isStale = true;
  #isClosed = false;
  /** Services that the node has not spoken of, while it tells everything. */
  #unheard = new Set<string>();

  /** @param closed told once */
  constructor(context: ClientContext, closed: () => void) {
    this.#context = context;
    this.#closed = closed;
    this.#events = new Emitter(context.listenerFailed);
  }

  get serviceIds(): readonly string[] {
    return [...this.#services.values()].map(({ serviceId }) => serviceId).sort();
  }

  get stale(): boolean {
    return this.#isStale;
  }

  instances(serviceId: string): readonly DiscoveredInstance[] {
    return this.#services.get(serviceKeyOf(serviceId))?.held.instances ?? [];
  }

  async ready({ signal }: WaitOptions = {}): Promise<void> {
    if (this.#isClosed) throw closedError();
    return abortable(this.#ready.promise, signal);
  }

  on<Name extends keyof AllViewEvents>(
    name: Name,
    listener: (event: AllViewEvents[Name]) => void,
  ): Unsubscribe {
    return this.#events.on(name, listener);
  }

  [Symbol.asyncIterator](): AsyncIterator<InstanceChange> {
    const iterator = new ChangeIterator(() => this.#iterators.delete(iterator));
    if (this.#isClosed) iterator.end();
    else this.#iterators.add(iterator);
    return iterator;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isStale = true;
    this.#closed();
    this.#ready.reject(closedError());
    for (const iterator of [...this.#iterators]) iterator.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  online(session: Session): void {
    this.#session = session;
    this.#unheard = new Set(this.#services.keys());
    session.watchAll(this.#position);
  }

  offline(): void {
    this.#session = undefined;
    this.#setStale(true);
  }

  snapshot(
    serviceId: string,
    instances: readonly DiscoveredInstance[],
    position: Position | undefined,
  ): void {
    const key = serviceKeyOf(serviceId);
    this.#unheard.delete(key);
    this.#context.metrics.increment('snapshots', 1);
    const entry = this.#entry(serviceId);
    entry.position = position;
    this.#replace(key, entry, instances, position?.revision ?? 0);
  }

  changes(serviceId: string, changes: readonly InstanceChange[], position: Position): void {
    const entry = this.#entry(serviceId);
    const known = entry.position;
    const after = known?.logId === position.logId ? known.revision : 0;
    entry.position = position;
    if (this.#position?.logId === position.logId && !this.#isStale) this.#position = position;
    const steps = entry.held.apply(changes.filter(({ revision }) => revision > after));
    this.#forgetIfEmpty(serviceKeyOf(serviceId), entry);
    this.#tell(steps);
  }

  /** Nothing to do for a view of everything: what was held is what is held. */
  resumed(): void {}

  reloading(serviceId: string | undefined): void {
    if (serviceId === undefined) this.#unheard = new Set(this.#services.keys());
  }

  allKnown(position: Position, isResumed: boolean): void {
    this.#position = position;
    if (isResumed) this.#context.metrics.increment('resumes', 1);
    const gone = isResumed ? [] : [...this.#unheard];
    this.#unheard.clear();
    for (const key of gone) {
      const entry = this.#services.get(key);
      if (entry !== undefined) this.#replace(key, entry, [], position.revision);
    }
    this.#setStale(false);
    this.#ready.resolve();
  }

  /** What is held may be of long ago by now, until the node takes the watch. */
  refused(_serviceId: string | undefined, reason: string): void {
    const what = `not everything can be watched now: ${reason}`;
    this.#setStale(true);
    this.#context.logger.warn(what);
    this.#context.report(new ClientError('refused', what));
    const session = this.#session;
    this.#context.environment.scheduler.after(refusedPauseMs, () => {
      if (session !== undefined && this.#session === session && !this.#isClosed) this.online(session);
    });
  }

  #entry(serviceId: string): HeldEntry {
    const key = serviceKeyOf(serviceId);
    const entry = this.#services.get(key) ?? { serviceId, held: new HeldService(), position: undefined };
    this.#services.set(key, entry);
    return entry;
  }

  #replace(key: string, entry: HeldEntry, instances: readonly DiscoveredInstance[], revision: number): void {
    const change_time = new Date(this.#context.environment.clock.wallMs()).toISOString();
    const changes = entry.held.replace(instances, { change_time, revision });
    this.#forgetIfEmpty(key, entry);
    this.#tell(changes);
  }

  #forgetIfEmpty(key: string, { held }: HeldEntry): void {
    if (held.instances.length === 0) this.#services.delete(key);
  }

  #tell(changes: readonly InstanceChange[]): void {
    this.#context.metrics.increment('changes', changes.length);
    for (const change of changes) {
      this.#events.emit('change', change);
      for (const iterator of this.#iterators) iterator.push(change);
    }
  }

  #setStale(isStale: boolean): void {
    if (this.#isStale === isStale || this.#isClosed) return;
    this.#isStale = isStale;
    this.#events.emit('stale', isStale);
  }
}

function closedError(): ClientError {
  return new ClientError('closed', 'the view is closed');
}
