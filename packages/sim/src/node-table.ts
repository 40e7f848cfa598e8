import type { AliveRecord, AppState, Change, RegistryRecord, Version } from '@artemis/core';
import { decodeVersion, keyOf } from '@artemis/core';

/**
 * A node's table as its change feed tells it, with a digest of the live part that is kept up to date with each change:
 * comparing nodes after every step must not cost a walk through their tables.
 */
export class NodeTable {
  readonly #records = new Map<string, RegistryRecord>();
  readonly #changedMs = new Map<string, number>();
  readonly #seen = new Map<string, AliveRecord>();
  #low = 0;
  #high = 0;
  #live = 0;

  /** @param nowMs virtual time */
  apply({ record, type, origin }: Change, nowMs: number): void {
    if (type === 'delete') this.#seen.delete(record.key);
    else if (record.state === 'alive' && (type !== undefined || this.#seen.has(record.key)))
      this.#seen.set(record.key, record);
    if (origin === 'view') return;
    this.#changedMs.set(record.key, nowMs);
    const previous = this.#records.get(record.key);
    if (previous?.state === 'alive') this.#toggle(previous, -1);
    if (record.state === 'alive') this.#toggle(record, 1);
    this.#records.set(record.key, record);
  }

  get(key: string): RegistryRecord | undefined {
    return this.#records.get(key);
  }

  /** Virtual time of the last change of its record. */
  changedMs(key: string): number | undefined {
    return this.#changedMs.get(key);
  }

  /** What a watcher sees: live records that are not hidden. */
  seen(): ReadonlyMap<string, AliveRecord> {
    return this.#seen;
  }

  /** Whether it is alive and seen by watchers. */
  sees(key: string): boolean {
    return this.#seen.has(key);
  }

  keys(): IterableIterator<string> {
    return this.#records.keys();
  }

  /** Of keys and versions of the live records. */
  get digest(): string {
    return `${this.#live}:${this.#low >>> 0}:${this.#high >>> 0}`;
  }

  live(): AliveRecord[] {
    return [...this.#records.values()].filter((record) => record.state === 'alive');
  }

  #toggle(record: RegistryRecord, count: number): void {
    const text = rowOf(record);
    this.#low ^= fnv1a(text, 0x811c9dc5);
    this.#high ^= fnv1a(text, 0x01234567);
    this.#live += count;
  }
}

/** The live table of a node, asked of the node itself: sorted keys with their versions. */
export function liveTable(state: AppState): string[] {
  const instances = [...state.peers.services()].flatMap((service) => service.instances);
  return instances
    .map((instance) => rowOf({ key: keyOf(instance), version: decodeVersion(instance.replica.version) }))
    .sort();
}

/** A live record in a line, as in {@link liveTable}. */
export function rowOf({ key, version }: Pick<RegistryRecord, 'key' | 'version'>): string {
  return `${readableKey(key)} ${versionText(version)}`;
}

/** A canonical key with visible separators. */
export function readableKey(key: string): string {
  return key.replaceAll('\u001f', '/');
}

export function versionText({ stamp, origin, round, owner }: Version): string {
  return `${stamp}@${origin}+${round}:${owner}`;
}

function fnv1a(text: string, basis: number): number {
  let hash = basis;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash;
}
