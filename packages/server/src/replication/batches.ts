import type { AgedRecord, RegistryRecord, RemovedRecord, Scheduler } from '@artemis/core';
import { encodeRemoval, JsonPieces, limits, writeRecord, writeRenewal } from '@artemis/core';
import type { LeaseManager } from '../lease/manager.js';
import type { RegistryRepository } from '../registry/repository.js';
import { ListBody } from './list-body.js';
import type { OutboxItem } from './outbox.js';

/** Kinds of requests between nodes, as they are counted and logged. */
export type RequestKind = 'register' | 'unregister' | 'heartbeat';

/** What one request carries. */
export interface Batch {
  /** Never changed: several peers may be sent the same. */
  readonly body: ListBody<AgedRecord>;
  /** How many records, removals or renewals it holds. */
  readonly size: number;
  /** How many of the items it was made of; those that have nothing to say any more are not in it. */
  readonly taken: number;
}

/** Records in one request, which is put together in one turn, while clients wait. Renewals are small. */
const mostRecords = 100;

const fields = { register: 'instances', unregister: 'instance_keys', heartbeat: 'instance_keys' } as const;

const writers: Readonly<Record<RequestKind, (pieces: JsonPieces, aged: AgedRecord) => void>> = {
  register: (pieces, { record, ageMs }) => writeRecord(pieces, record, ageMs),
  // Nothing else is taken into a request of that kind.
  unregister: (pieces, { record }) => pieces.value(encodeRemoval(record as RemovedRecord)),
  heartbeat: (pieces, { record, ageMs }) => writeRenewal(pieces, record, ageMs),
};

interface BatchesOptions {
  readonly scheduler: Scheduler;
  readonly repository: RegistryRepository;
  readonly leases: LeaseManager;
  /** Bytes of JSON in one request. */
  readonly maxBytes: number;
}

interface Latest {
  readonly kind: RequestKind;
  readonly keys: readonly string[];
  readonly batch: Batch;
}

/**
 * Puts together what is sent to peers. A change waits for all of them alike, so that they are often sent the same in the
 * same turn: they share a body then, which is encoded and compressed only once. Whatever changes in the rest of that turn
 * waits for all of them again.
 */
export class Batches {
  readonly #options: BatchesOptions;
  readonly #measured = new JsonPieces();
  #latest: Latest | undefined;

  constructor(options: BatchesOptions) {
    this.#options = options;
  }

  /** As many of the items from the first one on as fit into a request. */
  of(kind: RequestKind, items: readonly OutboxItem[], first: number): Batch {
    if (this.#latest?.kind === kind && beginsWith(items, first, this.#latest.keys)) return this.#latest.batch;
    const batch = this.#read(kind, items, first);
    if (this.#latest === undefined) this.#options.scheduler.soon(() => (this.#latest = undefined));
    const keys = items.slice(first, first + batch.taken).map(({ key }) => key);
    this.#latest = { kind, keys, batch };
    return batch;
  }

  /**
   * Reads keys from the table when they are about to leave: the age of a lease must not be that of a moment ago, after
   * requests before this one have taken their time. A peer refuses a body that is too large, however good its items are.
   */
  #read(kind: RequestKind, items: readonly OutboxItem[], first: number): Batch {
    const aged: AgedRecord[] = [];
    let bytes = 0;
    let end = first;
    const most = kind === 'heartbeat' ? limits.batchItems : mostRecords;
    for (; end < items.length && aged.length < most; end += 1) {
      const one = this.#agedOf(kind, items[end] as OutboxItem);
      if (one === undefined) continue;
      bytes += kind === 'heartbeat' ? mostBytesOf(one.record) : this.#bytesOf(kind, one);
      if (aged.length > 0 && bytes > this.#options.maxBytes) break;
      aged.push(one);
    }
    const body = new ListBody(fields[kind], aged, writers[kind]);
    return { body, size: aged.length, taken: end - first };
  }

  /** `undefined` when the key is no longer what the request is for: whoever changed it tells the peer. */
  #agedOf(kind: RequestKind, { key, slot }: OutboxItem): AgedRecord | undefined {
    const record = this.#options.repository.get(key, slot);
    const wanted = kind === 'unregister' ? 'removed' : 'alive';
    return record?.state === wanted ? { record, ageMs: this.#options.leases.ageMs(key, slot) } : undefined;
  }

  #bytesOf(kind: RequestKind, aged: AgedRecord): number {
    writers[kind](this.#measured, aged);
    return this.#measured.take().length;
  }
}

function beginsWith(items: readonly OutboxItem[], first: number, keys: readonly string[]): boolean {
  return keys.length > 0 && keys.every((key, index) => items[first + index]?.key === key);
}

/** Names of fields, punctuation and numbers of a renewal. */
const aroundIds = 200;

/** No fewer than its renewal has. To write it only to know that would take longer than to send it: there are thousands. */
function mostBytesOf({ key, version: { origin, owner } }: RegistryRecord): number {
  return aroundIds + 3 * key.length + 2 * (origin.length + owner.length);
}
