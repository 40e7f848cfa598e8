import type {
  AgedRecord,
  RegistryRecord,
  RemovedRecord,
  ReplicaHeartbeatResponse,
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

interface Batch {
  readonly kind: RequestKind;
  readonly items: readonly OutboxItem[];
  readonly wire: readonly unknown[];
}

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
    const batches = kind === 'renewal' ? this.#renewals(items) : this.#records(items);
    let last: Outcome | undefined;
    for (const [index, batch] of batches.entries()) {
      const outcome = await this.#request(batch);
      this.#options.done(batch.kind, batch.items.length, outcome);
      last = outcome;
      if (outcome.kind === 'delivered') continue;
      const rest = batches.slice(outcome.kind === 'retry' ? index : index + 1);
      return { outcome, undelivered: rest.flatMap(({ items: left }) => left) };
    }
    return { outcome: last, undelivered: [] };
  }

  async #request({ kind, wire }: Batch): Promise<Outcome> {
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
      this.#options.verdict(verdictOf(parsed.data));
      return outcome;
    } catch (error) {
      return classifyFailure(error);
    }
  }

  #renewals(items: readonly OutboxItem[]): Batch[] {
    const alive = this.#held(items).filter(({ record }) => record.state === 'alive');
    return this.#split('heartbeat', alive, ({ key, instanceKey, version }) => ({
      ...instanceKey,
      version: encodeVersion(version),
      age_ms: this.#options.leases.ageMs(key),
    }));
  }

  #records(items: readonly OutboxItem[]): Batch[] {
    const held = this.#held(items);
    const alive = held.filter(({ record }) => record.state === 'alive');
    const removed = held.filter(({ record }) => record.state === 'removed');
    return [
      ...this.#split('register', alive, (record) => this.#encode(record)),
      ...this.#split('unregister', removed, (record) => encodeRemoval(record as RemovedRecord)),
    ];
  }

  #held(items: readonly OutboxItem[]): { item: OutboxItem; record: RegistryRecord }[] {
    return items.flatMap((item) => {
      const record = this.#options.repository.get(item.key);
      return record === undefined ? [] : [{ item, record }];
    });
  }

  #encode(record: RegistryRecord): unknown {
    return encodeRecord({ record, ageMs: this.#options.leases.ageMs(record.key) });
  }

  /** Requests of at most `maxBytes`: a peer refuses a body that is too large, however good its items are. */
  #split(
    kind: RequestKind,
    held: readonly { item: OutboxItem; record: RegistryRecord }[],
    encode: (record: RegistryRecord) => unknown,
  ): Batch[] {
    const batches: { kind: RequestKind; items: OutboxItem[]; wire: unknown[]; bytes: number }[] = [];
    for (const { item, record } of held) {
      const wire = encode(record);
      const bytes = Buffer.byteLength(JSON.stringify(wire));
      const last = batches.at(-1);
      if (
        last !== undefined &&
        last.bytes + bytes <= this.#options.maxBytes &&
        last.items.length < limits.batchItems
      ) {
        last.items.push(item);
        last.wire.push(wire);
        last.bytes += bytes;
      } else {
        batches.push({ kind, items: [item], wire: [wire], bytes });
      }
    }
    return batches;
  }
}

type PeerAnswer = ReplicaRegisterResponse | ReplicaHeartbeatResponse | ReplicaUnregisterResponse;

function verdictOf(answer: PeerAnswer): PeerVerdict {
  const failedKeys = 'failed_instance_keys' in answer ? (answer.failed_instance_keys ?? []) : [];
  const lacking = failedKeys.flatMap((key) => {
    const parsed = instanceKeySchema.safeParse(key);
    return parsed.success ? [keyOf(parsed.data)] : [];
  });
  const newer = (answer.newer_instances ?? []).flatMap((wire) => decodeRecord(wire) ?? []);
  const failed = 'failed_instances' in answer ? (answer.failed_instances ?? []) : [];
  return { lacking, newer, refused: failed.map(({ error_message: message }) => message) };
}
