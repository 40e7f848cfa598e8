import type { AliveRecord, RegistryRecord, Visibility } from '@artemis/core';
import { namesOf, serviceKeyOf } from '@artemis/core';
import type { Slots } from './record-table.js';
import { SlotColumn } from './slot-column.js';

/** What a node may think of a record that it does not list as any other. */
export type Doubt = Exclude<Visibility, 'listed'>;

/** What the table holds of one service. */
export interface ServiceEntry {
  /** The service id as it was last registered. */
  readonly name: string;
  /** Whether no live record spells it in another way. */
  readonly isSpeltAlike: boolean;
  /** Live records, in no order that means anything. */
  readonly live: readonly AliveRecord[];
  /** Those of `live` that are not listed as any other, by canonical key. */
  readonly doubts: ReadonlyMap<string, Doubt>;
  /** Revision of the latest change that a watcher of the service would see; 0 before the first. */
  readonly revision: number;
}

interface MutableEntry {
  name: string;
  isSpeltAlike: boolean;
  readonly live: AliveRecord[];
  doubts: Map<string, Doubt>;
  tombstones: number;
  revision: number;
}

/** Of most services nothing is in doubt, and an empty map of their own would be larger than a record. */
const noDoubts = new Map<string, Doubt>();

/** Records by service, kept in step with the table by the repository alone. A service is known while it has records. */
export class ServiceIndex {
  readonly #slots: Slots;
  /** By slot: where in `live` of its service the record is; of no meaning unless it is alive. */
  readonly #places = new SlotColumn();
  readonly #services = new Map<string, MutableEntry>();
  readonly #doubted: Record<Doubt, number> = { unconfirmed: 0, hidden: 0 };
  /** Until a service comes or goes. */
  #sorted: readonly string[] | undefined;
  /** The entry that was used last: a change of a record takes several steps. */
  #latest: { readonly id: string; readonly entry: MutableEntry } | undefined;

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  /** @param serviceId compared without regard to case */
  get(serviceId: string): ServiceEntry | undefined {
    return this.#services.get(serviceKeyOf(serviceId));
  }

  /** Lower-case ids of all known services. */
  keys(): IterableIterator<string> {
    return this.#services.keys();
  }

  /** The same in their order; of a hundred thousand it takes a tenth of a second to make. */
  get sortedKeys(): readonly string[] {
    this.#sorted ??= [...this.#services.keys()].sort();
    return this.#sorted;
  }

  get size(): number {
    return this.#services.size;
  }

  replace(slot: number, previous: RegistryRecord | undefined, record: RegistryRecord): void {
    const entry = this.#entryOf(record);
    if (previous?.state === 'removed') entry.tombstones -= 1;
    if (record.state === 'alive') {
      if (previous?.state !== 'alive') this.#places.set(slot, entry.live.length);
      entry.live[this.#places.get(slot)] = record;
      const name = record.instance.service_id;
      entry.isSpeltAlike = entry.live.length === 1 || (entry.isSpeltAlike && name === entry.name);
      entry.name = name;
    } else {
      if (previous?.state === 'alive') this.#takeOut(slot, entry);
      this.#settle(entry.doubts, record.key);
      entry.tombstones += 1;
    }
  }

  /** How the record, which must be alive, is shown from here on. */
  show(record: RegistryRecord, visibility: Visibility): void {
    const entry = this.#entryOf(record);
    this.#settle(entry.doubts, record.key);
    if (visibility === 'listed') return;
    if (entry.doubts === noDoubts) entry.doubts = new Map();
    entry.doubts.set(record.key, visibility);
    this.#doubted[visibility] += 1;
  }

  /** How many records of all services are shown so. */
  doubted(doubt: Doubt): number {
    return this.#doubted[doubt];
  }

  visibilityOf(record: RegistryRecord): Visibility {
    return this.get(namesOf(record).service_id)?.doubts.get(record.key) ?? 'listed';
  }

  touch(record: RegistryRecord, revision: number): void {
    this.#entryOf(record).revision = revision;
  }

  forget(slot: number, record: RegistryRecord): void {
    const entry = this.#entryOf(record);
    if (record.state === 'removed') entry.tombstones -= 1;
    else this.#takeOut(slot, entry);
    this.#settle(entry.doubts, record.key);
    if (entry.tombstones === 0 && entry.live.length === 0) {
      this.#services.delete(serviceKeyOf(namesOf(record).service_id));
      this.#latest = undefined;
      this.#sorted = undefined;
    }
  }

  /** The last one takes its place. */
  #takeOut(slot: number, { live }: MutableEntry): void {
    const place = this.#places.get(slot);
    const last = live.pop();
    if (last === undefined || place === live.length) return;
    live[place] = last;
    this.#places.set(this.#slots.slotOf(last.key), place);
  }

  #settle(doubts: Map<string, Doubt>, key: string): void {
    if (doubts.size === 0) return;
    const doubt = doubts.get(key);
    if (doubt !== undefined && doubts.delete(key)) this.#doubted[doubt] -= 1;
  }

  #entryOf(record: RegistryRecord): MutableEntry {
    const name = namesOf(record).service_id;
    if (this.#latest?.id === name) return this.#latest.entry;
    const key = serviceKeyOf(name);
    let entry = this.#services.get(key);
    if (entry === undefined) {
      entry = { name, isSpeltAlike: true, live: [], doubts: noDoubts, tombstones: 0, revision: 0 };
      this.#services.set(key, entry);
      this.#sorted = undefined;
    }
    this.#latest = { id: name, entry };
    return entry;
  }
}
