import { serviceKeyOf } from '@artemis/core';
import type { ServiceSnapshot, SnapshotStore } from './snapshot-store.js';

/** Last known answers for as long as this object lives: for clients that are made anew in one process, and for tests. */
export class MemorySnapshots implements SnapshotStore {
  readonly #saved = new Map<string, ServiceSnapshot>();

  async load(serviceId: string): Promise<ServiceSnapshot | undefined> {
    return this.#saved.get(serviceKeyOf(serviceId));
  }

  async save(snapshot: ServiceSnapshot): Promise<void> {
    this.#saved.set(serviceKeyOf(snapshot.serviceId), snapshot);
  }
}
