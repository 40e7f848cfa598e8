import { idSchema, serviceKeyOf } from '@artemis/core';
import type { ClientContext } from '../client-context.js';
import { ClientError } from '../client-error.js';
import type { DiscoveredInstance, InstanceChange } from '../discovered-instance.js';
import type { SnapshotStore } from '../snapshots/snapshot-store.js';
import { refusedPauseMs, type Position, type Session } from '../transport/session.js';
import { LiveServiceView } from './live-service-view.js';

/** The views of single services: one for each service, all over the same session. */
export class Watches {
  readonly #context: ClientContext;
  readonly #snapshots: SnapshotStore | undefined;
  readonly #views = new Map<string, LiveServiceView>();
  #session: Session | undefined;

  constructor(context: ClientContext, snapshots: SnapshotStore | undefined) {
    this.#context = context;
    this.#snapshots = snapshots;
  }

  /** Throws `invalid`. */
  view(serviceId: string): LiveServiceView {
    const checked = idSchema.safeParse(serviceId);
    if (!checked.success) {
      throw new ClientError('invalid', `serviceId: ${checked.error.issues[0]?.message ?? 'not an id'}`);
    }
    const key = serviceKeyOf(serviceId);
    const existing = this.#views.get(key);
    if (existing !== undefined) return existing;
    const view = new LiveServiceView({
      context: this.#context,
      serviceId,
      snapshots: this.#snapshots,
      closed: () => {
        this.#views.delete(key);
        this.#session?.unwatch(serviceId);
      },
    });
    this.#views.set(key, view);
    this.#session?.watch(serviceId, undefined);
    return view;
  }

  online(session: Session): void {
    this.#session = session;
    for (const view of this.#views.values()) session.watch(view.serviceId, view.position);
  }

  offline(): void {
    this.#session = undefined;
    for (const view of this.#views.values()) view.lost();
  }

  snapshot(
    serviceId: string,
    instances: readonly DiscoveredInstance[],
    position: Position | undefined,
  ): void {
    this.#find(serviceId)?.replace(instances, position);
  }

  resumed(serviceId: string): void {
    this.#find(serviceId)?.resume();
  }

  changes(serviceId: string, changes: readonly InstanceChange[], position: Position): void {
    const view = this.#find(serviceId);
    // A node that began a new run numbers another log: what is held says nothing about it.
    if (view?.apply(changes, position) === false) this.#session?.watch(view.serviceId, undefined);
  }

  refused(serviceId: string | undefined, reason: string): void {
    const view = serviceId === undefined ? undefined : this.#find(serviceId);
    if (view === undefined) return;
    const { serviceId: id } = view;
    const what = `${id} cannot be watched now: ${reason}`;
    this.#context.logger.warn(what);
    this.#context.report(new ClientError('refused', what));
    view.lost();
    const session = this.#session;
    this.#context.environment.scheduler.after(refusedPauseMs, () => {
      if (this.#session === session && this.#find(id) === view) session?.watch(id, view.position);
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#views.values()].map((view) => view.close()));
  }

  #find(serviceId: string): LiveServiceView | undefined {
    return this.#views.get(serviceKeyOf(serviceId));
  }
}
