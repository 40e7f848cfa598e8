import type {
  AgedRecord,
  Removal,
  Renewal,
  ReplicaHeartbeatResponse,
  ReplicaRecord,
  ReplicaRegisterResponse,
  ReplicaUnregisterResponse,
} from '@artemis/core';
import {
  apiRoutes,
  decodeRecord,
  encodeRecord,
  encodeRemoval,
  encodeVersion,
  instanceKeySchema,
  keyOf,
  limits,
  replicaHeartbeatResponseSchema,
  replicaRegisterResponseSchema,
  replicaUnregisterResponseSchema,
} from '@artemis/core';
import type { PeerCaller } from '../cluster/caller.js';
import type { Peer } from '../cluster/peer.js';
import type { LeaseManager } from '../lease/manager.js';
import type { RegistryRepository } from '../registry/repository.js';
import type { Outcome } from './error.js';
import { classifyFailure, classifyResponse } from './error.js';
import type { OutboxItem, OutboxKind } from './outbox.js';

/** Kinds of requests between nodes, as they are counted and logged. */
export type RequestKind = 'register' | 'unregister' | 'heartbeat';

const requests = {
  register: { route: apiRoutes.replicaRegister, field: 'instances', answer: replicaRegisterResponseSchema },
  unregister: {
    route: apiRoutes.replicaUnregister,
    field: 'instance_keys',
    answer: replicaUnregisterResponseSchema,
  },
  heartbeat: {
    route: apiRoutes.replicaHeartbeat,
    field: 'instance_keys',
    answer: replicaHeartbeatResponseSchema,
  },
} as const;

/** What a peer answered about the items of a request. */
export interface PeerVerdict {
  /** Keys whose record the peer lacks, or holds in an older version. */
  readonly lacking: readonly string[];
  /** Records of which the peer holds a newer version. */
  readonly newer: readonly AgedRecord[];
  /** Why the peer refused items, one text for each. */
  readonly refused: readonly string[];
}

/** Keys of one request kind, still to be read from the table. */
interface Group {
  readonly kind: RequestKind;
  readonly items: readonly OutboxItem[];
}

/** As many of them as fit into one request. */
interface Batch {
  readonly wire: readonly unknown[];
  /** Index of the first item that is not part of it. */
  readonly end: number;
}

/** Records in one request, which is put together in one turn, while clients wait. Renewals are small. */
const mostRecords = 250;

export interface Sent {
  /** Of the last request; `undefined` when nothing was left to send. */
  readonly outcome: Outcome | undefined;
  /** What has to be sent again. */
  readonly undelivered: readonly OutboxItem[];
}

interface DeliveryOptions {
  readonly peer: Peer;
  readonly caller: PeerCaller;
  readonly repository: RegistryRepository;
  readonly leases: LeaseManager;
  readonly timeoutMs: number;
  /** Bytes of JSON in one request. */
  readonly maxBytes: number;
  /** Called for each request that was answered or failed. */
  readonly done: (kind: RequestKind, items: number, outcome: Outcome) => void;
  /** The peer knows something that this node should act on. */
  readonly verdict: (verdict: PeerVerdict) => void;
}

/** Brings keys to one peer: reads their newest state from the table, sends it, and hands on what the peer answers. */
export class Delivery {
  readonly #options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Never rejects. Stops at the first request that fails. */
  async send(kind: OutboxKind, items: readonly OutboxItem[]): Promise<Sent> {
    const groups = this.#groups(kind, items);
    let last: Outcome | undefined;
    for (const [index, group] of groups.entries()) {
      for (let next = 0; next < group.items.length;) {
        const first = next;
        const { wire, end } = this.#batchFrom(group, first);
        next = end;
        if (wire.length === 0) continue;
        last = await this.#request(group.kind, wire);
        this.#options.done(group.kind, wire.length, last);
        if (last.kind === 'delivered') continue;
        const left = group.items.slice(last.kind === 'retry' ? first : end);
        const others = groups.slice(index + 1).flatMap(({ items: waiting }) => waiting);
        return { outcome: last, undelivered: [...left, ...others] };
      }
    }
    return { outcome: last, undelivered: [] };
  }

  async #request(kind: RequestKind, wire: readonly unknown[]): Promise<Outcome> {
    const { peer, caller, timeoutMs } = this.#options;
    const { route, field, answer } = requests[kind];
    try {
      const body = { [field]: wire };
      const response = await caller.call(peer, {
        method: 'POST',
        path: `${route.path}.json`,
        body,
        timeoutMs,
      });
      const outcome = classifyResponse(response);
      if (outcome.kind !== 'delivered') return outcome;
      const parsed = answer.safeParse(outcome.body);
      if (!parsed.success)
        return { kind: 'retry', reason: 'the answer is not one of this protocol', unanswered: false };
      this.#options.verdict(verdictOf(kind, parsed.data));
      return outcome;
    } catch (error) {
      return classifyFailure(error);
    }
  }

  #groups(kind: OutboxKind, items: readonly OutboxItem[]): Group[] {
    if (kind === 'renewal') return [{ kind: 'heartbeat', items }];
    const isAlive = ({ key }: OutboxItem): boolean => this.#options.repository.get(key)?.state === 'alive';
    return [
      { kind: 'register', items: items.filter((item) => isAlive(item)) },
      { kind: 'unregister', items: items.filter((item) => !isAlive(item)) },
    ];
  }

  /**
   * Reads keys from the table when they are about to leave: the age of a lease must not be that of a moment ago, after
   * requests before this one have taken their time. A peer refuses a body that is too large, however good its items are.
   */
  #batchFrom({ kind, items }: Group, first: number): Batch {
    const wire: unknown[] = [];
    let bytes = 0;
    let end = first;
    const most = kind === 'heartbeat' ? limits.batchItems : mostRecords;
    for (; end < items.length && wire.length < most; end += 1) {
      const encoded = this.#encode(kind, (items[end] as OutboxItem).key);
      if (encoded === undefined) continue;
      bytes += bytesOf(kind, encoded);
      if (wire.length > 0 && bytes > this.#options.maxBytes) break;
      wire.push(encoded);
    }
    return { wire, end };
  }

  /** `undefined` when the key is no longer what the request is for: whoever changed it tells the peer. */
  #encode(kind: RequestKind, key: string): Encoded | undefined {
    const record = this.#options.repository.get(key);
    if (record === undefined) return undefined;
    if (kind === 'unregister') return record.state === 'removed' ? encodeRemoval(record) : undefined;
    if (record.state === 'removed') return undefined;
    const ageMs = this.#options.leases.ageMs(key);
    if (kind === 'register') return encodeRecord({ record, ageMs });
    return { ...record.instanceKey, version: encodeVersion(record.version), age_ms: ageMs };
  }
}

type Encoded = Renewal | Removal | ReplicaRecord;

function bytesOf(kind: RequestKind, encoded: Encoded): number {
  // Of that kind all are renewals.
  if (kind === 'heartbeat') return mostBytesOf(encoded as Renewal);
  return Buffer.byteLength(JSON.stringify(encoded));
}

/** Names of fields, punctuation and numbers of a renewal. */
const aroundIds = 200;

/** No fewer than its JSON has. To write it only to know that would take longer than to send it: there are thousands. */
function mostBytesOf(renewal: Renewal): number {
  const { region_id: region, zone_id: zone, service_id: service, group_id: group, instance_id: id } = renewal;
  const [, origin, , owner] = renewal.version;
  const characters = region.length + zone.length + service.length + (group?.length ?? 0) + id.length;
  return aroundIds + 3 * characters + 2 * (origin.length + owner.length);
}

type PeerAnswer = ReplicaRegisterResponse | ReplicaHeartbeatResponse | ReplicaUnregisterResponse;

/** Keys of an answer to renewals are lacking there and to be sent; those of an answer to removals it will not have. */
function verdictOf(kind: RequestKind, answer: PeerAnswer): PeerVerdict {
  const failedKeys = 'failed_instance_keys' in answer ? (answer.failed_instance_keys ?? []) : [];
  const lacking = (kind === 'heartbeat' ? failedKeys : []).flatMap((key) => {
    const parsed = instanceKeySchema.safeParse(key);
    return parsed.success ? [keyOf(parsed.data)] : [];
  });
  const newer = (answer.newer_instances ?? []).flatMap((wire) => decodeRecord(wire) ?? []);
  const failed = 'failed_instances' in answer ? (answer.failed_instances ?? []) : [];
  const reason = answer.response_status.error_message ?? 'it did not say why';
  const refusedKeys = kind === 'unregister' ? failedKeys.map(() => reason) : [];
  return {
    lacking,
    newer,
    refused: [...failed.map(({ error_message: message }) => message), ...refusedKeys],
  };
}
