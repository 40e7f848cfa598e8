import type { Cancel } from '@artemis/core';
import type { ClientContext } from '../client-context.js';
import type { DiscoveredInstance } from '../discovered-instance.js';
import type { ServiceSnapshot, SnapshotStore } from '../snapshots/snapshot-store.js';

/** A service that never rests is stored no more often. */
const saveAfterMs = 1_000;

/** Stores what a view holds, a moment after it has changed. */
export class LastKnown {
  readonly #context: ClientContext;
  readonly #store: SnapshotStore | undefined;
  readonly #serviceId: string;
  readonly #held: () => readonly DiscoveredInstance[];
  #timer: Cancel | undefined;

  constructor(
    context: ClientContext,
    store: SnapshotStore | undefined,
    serviceId: string,
    held: () => readonly DiscoveredInstance[],
  ) {
    this.#context = context;
    this.#store = store;
    this.#serviceId = serviceId;
    this.#held = held;
  }

  /** What was stored by an earlier run; `undefined` when there is nothing, or it cannot be read. */
  async load(): Promise<ServiceSnapshot | undefined> {
    try {
      return await this.#store?.load(this.#serviceId);
    } catch (error) {
      this.#report('read', error);
      return undefined;
    }
  }

  changed(): void {
    if (this.#store === undefined) return;
    this.#timer ??= this.#context.environment.scheduler.after(saveAfterMs, () => void this.#save());
  }

  /** Stores what is not stored yet. */
  async close(): Promise<void> {
    if (this.#timer === undefined) return;
    this.#timer();
    await this.#save();
  }

  async #save(): Promise<void> {
    this.#timer = undefined;
    try {
      await this.#store?.save({
        serviceId: this.#serviceId,
        instances: this.#held(),
        savedAtMs: this.#context.environment.clock.wallMs(),
      });
    } catch (error) {
      this.#report('written', error);
    }
  }

  #report(what: string, error: unknown): void {
    this.#context.logger.warn(`The last known instances of ${this.#serviceId} cannot be ${what}`, {
      error: String(error),
    });
  }
}
