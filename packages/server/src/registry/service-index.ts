import type { AliveRecord, RegistryRecord } from '@artemis/core';
import { serviceKeyOf } from '@artemis/core';

/** What the table holds of one service. */
export interface ServiceEntry {
  /** The service id as it was last registered. */
  readonly name: string;
  /** Live records by canonical key. */
  readonly live: ReadonlyMap<string, AliveRecord>;
  /** Revision of the latest change that a watcher of the service would see; 0 before the first. */
  readonly revision: number;
}

interface MutableEntry {
  name: string;
  readonly live: Map<string, AliveRecord>;
  tombstones: number;
  revision: number;
}

/** Records by service, kept in step with the table by the repository alone. A service is known while it has records. */
export class ServiceIndex {
  readonly #services = new Map<string, MutableEntry>();

  /** @param serviceId compared without regard to case */
  get(serviceId: string): ServiceEntry | undefined {
    return this.#services.get(serviceKeyOf(serviceId));
  }

  /** Lower-case ids of all known services. */
  keys(): IterableIterator<string> {
    return this.#services.keys();
  }

  get size(): number {
    return this.#services.size;
  }

  replace(previous: RegistryRecord | undefined, record: RegistryRecord): void {
    const entry = this.#entryOf(record);
    if (previous?.state === 'removed') entry.tombstones -= 1;
    if (record.state === 'alive') {
      entry.live.set(record.key, record);
      entry.name = record.instance.service_id;
    } else {
      entry.live.delete(record.key);
      entry.tombstones += 1;
    }
  }

  touch(record: RegistryRecord, revision: number): void {
    this.#entryOf(record).revision = revision;
  }

  forgetTombstone(record: RegistryRecord): void {
    const entry = this.#entryOf(record);
    entry.tombstones -= 1;
    if (entry.tombstones === 0 && entry.live.size === 0) {
      this.#services.delete(serviceKeyOf(record.instanceKey.service_id));
    }
  }

  #entryOf(record: RegistryRecord): MutableEntry {
    const name = record.instanceKey.service_id;
    const key = serviceKeyOf(name);
    let entry = this.#services.get(key);
    if (entry === undefined) {
      entry = { name, live: new Map(), tombstones: 0, revision: 0 };
      this.#services.set(key, entry);
    }
    return entry;
  }
}
