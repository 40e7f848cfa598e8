import type { Instance, RegistryRecord, Version } from '@artemis/core';
import { aliveRecord, expiredRecord } from '@artemis/core';
import { SharedValues } from './shared-values.js';

/** Longer metadata, as JSON, is hardly alike for many instances. */
const longestShared = 512;

type Metadata = NonNullable<Instance['metadata']>;
type Fields = Readonly<Record<string, unknown>>;
type Writable<Value> = { -readonly [Name in keyof Value]: Value[Name] };

/**
 * Makes of a record one that takes as little room as it can. JSON has a text of its own for each zone, service and
 * version of each instance, of which a table needs few.
 */
export class RecordPool {
  readonly #texts = new SharedValues<string>();
  readonly #metadata = new SharedValues<Metadata>();
  /** What was kept last is often like what comes next, and to compare the two costs less than to look it up. */
  #latest: Instance | undefined;
  #latestVersion: Version | undefined;

  /** @param previous what the table holds under the key */
  keep(record: RegistryRecord, previous: RegistryRecord | undefined): RegistryRecord {
    const { instance, leaseTtlMs } = record;
    // The key of a removal is all that there is of it, and gone with it in an hour.
    if (instance === undefined) return record;
    const make = record.state === 'alive' ? aliveRecord : expiredRecord;
    // Clients register again what is there already, and nodes hand it on: a copy of it would only make garbage of that.
    const held = previous?.instance;
    const kept = held !== undefined && isSameInstance(instance, held) ? held : this.#instance(instance);
    return make(previous?.key ?? record.key, kept, this.#version(record.version), leaseTtlMs);
  }

  #version({ stamp, origin, round, owner }: Version): Version {
    const like = this.#latestVersion;
    this.#latestVersion = {
      stamp,
      origin: this.#text(origin, like?.origin),
      round,
      owner: this.#text(owner, like?.owner),
    };
    return this.#latestVersion;
  }

  /** A copy has no more room for fields than it needs, which one that grew field by field has. */
  #instance(instance: Instance): Instance {
    const like = this.#latest;
    const kept: Writable<Instance> = { ...instance };
    kept.region_id = this.#text(instance.region_id, like?.region_id);
    kept.zone_id = this.#text(instance.zone_id, like?.zone_id);
    kept.service_id = this.#text(instance.service_id, like?.service_id);
    if (instance.group_id !== undefined) kept.group_id = this.#text(instance.group_id, like?.group_id);
    if (instance.machine_name !== undefined)
      kept.machine_name = this.#text(instance.machine_name, like?.machine_name);
    if (instance.protocol !== undefined) kept.protocol = this.#text(instance.protocol, like?.protocol);
    // Hosts register what runs on them one after the other; those of all hosts would push everything else out.
    if (instance.ip === like?.ip) kept.ip = like.ip;
    if (instance.metadata !== undefined)
      kept.metadata = this.#shareMetadata(instance.metadata, like?.metadata);
    this.#latest = kept;
    return kept;
  }

  #text(text: string, like: string | undefined): string {
    return text === like ? like : this.#texts.share(text, text);
  }

  #shareMetadata(metadata: Metadata, like: Metadata | undefined): Metadata {
    if (like !== undefined && isSame(metadata, like, Object.is)) return like;
    const text = JSON.stringify(metadata);
    return text.length > longestShared ? metadata : this.#metadata.share(text, metadata);
  }
}

/** Whether both are the same JSON. Says no where fields that this version does not know hold more than plain values. */
function isSameInstance(one: Instance, other: Instance): boolean {
  return one === other || isSame(one, other, isSameField);
}

function isSameField(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  return isObject(one) && isObject(other) && isSame(one, other, Object.is);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** With the same entries in the same order. */
function isSame(one: object, other: object, isSameValue: (one: unknown, other: unknown) => boolean): boolean {
  const [names, others] = [Object.keys(one), Object.keys(other)];
  if (names.length !== others.length) return false;
  const [values, otherValues] = [one as Fields, other as Fields];
  return names.every((name, at) => name === others[at] && isSameValue(values[name], otherValues[name]));
}
