import type { Change, RegistryRecord } from '@artemis/core';
import { namesOf, serviceKeyOf } from '@artemis/core';

/** How many live records this node owns, of each service and in all. */
export class OwnedCounts {
  readonly #nodeId: string;
  readonly #byService = new Map<string, number>();
  #total = 0;

  constructor(nodeId: string) {
    this.#nodeId = nodeId;
  }

  get total(): number {
    return this.#total;
  }

  /** @param serviceKey lower-case service id */
  of(serviceKey: string): number {
    return this.#byService.get(serviceKey) ?? 0;
  }

  /** Listener of the change log. */
  onChange({ record, previous, origin }: Change): void {
    if (origin === 'view') return;
    const by = Number(this.#owns(record)) - Number(this.#owns(previous));
    if (by !== 0) this.#add(record, by);
  }

  /** The record was dropped without a change. */
  forget(record: RegistryRecord): void {
    if (this.#owns(record)) this.#add(record, -1);
  }

  #owns(record: RegistryRecord | undefined): boolean {
    return record?.state === 'alive' && record.version.owner === this.#nodeId;
  }

  #add(record: RegistryRecord, by: number): void {
    const serviceKey = serviceKeyOf(namesOf(record).service_id);
    const count = this.of(serviceKey) + by;
    if (count === 0) this.#byService.delete(serviceKey);
    else this.#byService.set(serviceKey, count);
    this.#total += by;
  }
}
