import type {
  AgedRecord,
  ReplicaHeartbeatResponse,
  ReplicaRegisterResponse,
  ReplicaUnregisterResponse,
} from '@artemis/core';
import {
  apiRoutes,
  decodeRecord,
  instanceKeySchema,
  keyOf,
  replicaHeartbeatResponseSchema,
  replicaRegisterResponseSchema,
  replicaUnregisterResponseSchema,
} from '@artemis/core';
import type { PeerCaller } from '../cluster/caller.js';
import type { Peer } from '../cluster/peer.js';
import type { RegistryRepository } from '../registry/repository.js';
import type { Batch, Batches, RequestKind } from './batches.js';
import type { Outcome } from './error.js';
import { classifyFailure, classifyResponse } from './error.js';
import type { OutboxItem, OutboxKind } from './outbox.js';

const requests = {
  register: { route: apiRoutes.replicaRegister, answer: replicaRegisterResponseSchema },
  unregister: { route: apiRoutes.replicaUnregister, answer: replicaUnregisterResponseSchema },
  heartbeat: { route: apiRoutes.replicaHeartbeat, answer: replicaHeartbeatResponseSchema },
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
  readonly batches: Batches;
  readonly timeoutMs: number;
  /** Called for each request that was answered or failed. */
  readonly done: (kind: RequestKind, items: number, outcome: Outcome) => void;
  /** The peer knows something that this node should act on. */
  readonly verdict: (verdict: PeerVerdict) => void;
}

/** Brings keys to one peer: sends the state that they have when they leave, and hands on what the peer answers. */
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
        const batch = this.#options.batches.of(group.kind, group.items, first);
        next += batch.taken;
        if (batch.size === 0) continue;
        last = await this.#request(group.kind, batch);
        this.#options.done(group.kind, batch.size, last);
        if (last.kind === 'delivered') continue;
        const left = group.items.slice(last.kind === 'retry' ? first : next);
        const others = groups.slice(index + 1).flatMap(({ items: waiting }) => waiting);
        return { outcome: last, undelivered: [...left, ...others] };
      }
    }
    return { outcome: last, undelivered: [] };
  }

  async #request(kind: RequestKind, { body }: Batch): Promise<Outcome> {
    const { peer, caller, timeoutMs } = this.#options;
    const { route, answer } = requests[kind];
    try {
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
