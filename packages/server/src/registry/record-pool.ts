import type { Instance, RegistryRecord, Version } from '@artemis/core';
import { aliveRecord, expiredRecord } from '@artemis/core';
import { SharedValues } from './shared-values.js';

/** Longer metadata, as JSON, is hardly alike for many instances. */
const longestShared = 512;

type Metadata = NonNullable<Instance['metadata']>;
type Writable<Value> = { -readonly [Name in keyof Value]: Value[Name] };

/**
 * Makes of a record one that takes as little room as it can. JSON has a text of its own for each zone, service and
 * version of each instance, of which a table needs few.
 */
export class RecordPool {
  readonly #texts = new SharedValues<string>();
  readonly #metadata = new SharedValues<Metadata>();
  /** Hosts register what runs on them one after the other. */
  #latestIp = '';

  /** @param previous what the table holds under the key */
  keep(record: RegistryRecord, previous: RegistryRecord | undefined): RegistryRecord {
    const { instance, leaseTtlMs } = record;
    // The key of a removal is all that there is of it, and gone with it in an hour.
    if (instance === undefined) return record;
    const make = record.state === 'alive' ? aliveRecord : expiredRecord;
    const kept = instance === previous?.instance ? instance : this.#instance(instance);
    return make(previous?.key ?? record.key, kept, this.#version(record.version), leaseTtlMs);
  }

  #version({ stamp, origin, round, owner }: Version): Version {
    return { stamp, origin: this.#text(origin), round, owner: this.#text(owner) };
  }

  /** A copy has no more room for fields than it needs, which one that grew field by field has. */
  #instance(instance: Instance): Instance {
    const kept: Writable<Instance> = { ...instance };
    kept.region_id = this.#text(instance.region_id);
    kept.zone_id = this.#text(instance.zone_id);
    kept.service_id = this.#text(instance.service_id);
    if (instance.group_id !== undefined) kept.group_id = this.#text(instance.group_id);
    if (instance.machine_name !== undefined) kept.machine_name = this.#text(instance.machine_name);
    if (instance.protocol !== undefined) kept.protocol = this.#text(instance.protocol);
    if (instance.ip === this.#latestIp) kept.ip = this.#latestIp;
    else this.#latestIp = instance.ip;
    if (instance.metadata !== undefined) kept.metadata = this.#shareMetadata(instance.metadata);
    return kept;
  }

  #text(text: string): string {
    return this.#texts.share(text, text);
  }

  #shareMetadata(metadata: Metadata): Metadata {
    const text = JSON.stringify(metadata);
    return text.length > longestShared ? metadata : this.#metadata.share(text, metadata);
  }
}
