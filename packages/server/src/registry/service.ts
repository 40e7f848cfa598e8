import type {
  AliveRecord,
  ErrorCode,
  FailedInstance,
  HeartbeatResponse,
  HybridClock,
  InstanceKey,
  RegisterResponse,
  Registry,
  ResponseStatus,
  Scheduler,
  UnregisterResponse,
  Version,
} from '@artemis/core';
import {
  aliveRecord,
  ArtemisError,
  describeIssue,
  instanceKeySchema,
  instanceSchema,
  keyOf,
  keyTextOf,
  nextTurn,
  readInstance,
  takeOverOf,
  toInstanceKey,
  unregistered,
} from '@artemis/core';
import type { Identity } from '../identity.js';
import type { LeaseManager } from '../lease/manager.js';
import { lookedUpAtOnce } from './record-table.js';
import type { RegistryRepository } from './repository.js';

/** Instances registered in one turn: more would hold up everybody else. */
const perTurn = 500;

interface RegistryServiceOptions {
  readonly scheduler: Scheduler;
  readonly identity: Identity;
  readonly clock: HybridClock;
  readonly repository: RegistryRepository;
  readonly leases: LeaseManager;
  /** The lease of instances that name none, ms. */
  readonly defaultTtlMs: number;
  /** The longest lease: none may outlive what is kept of a lost node. */
  readonly maxTtlMs: number;
  /** Why this node takes no writes, `undefined` when it does. */
  readonly refusal: () => string | undefined;
  /** Resolves when all changes so far are in the node's store. */
  readonly committed: () => Promise<void>;
  /** Whether this node's own calls to the node of that id arrive. */
  readonly canDeliverTo: (nodeId: string) => boolean;
  /** Tells the peers of a renewal that a client made here. */
  readonly renewed: (key: string) => void;
  readonly counted: (renewed: number, unknown: number) => void;
}

/** What clients do: every item is checked, stamped and applied on its own. */
export class RegistryService implements Registry {
  readonly #options: RegistryServiceOptions;

  constructor(options: RegistryServiceOptions) {
    this.#options = options;
  }

  async register(instances: readonly unknown[]): Promise<RegisterResponse> {
    this.#requireWritable();
    if (instances.length === 0) return { response_status: emptyList('instances') };
    const failed: FailedInstance[] = [];
    // All at once: what comes between two turns came later, and must win over what is still to be applied.
    const stamps = instances.map(() => this.#options.clock.next());
    for (const [index, item] of instances.entries()) {
      if (index > 0 && index % perTurn === 0) {
        await nextTurn(this.#options.scheduler);
        this.#requireWritable();
      }
      const problem = this.#add(item, `instances[${index}]`, stamps[index] as number);
      if (problem !== undefined)
        failed.push({ instance: item, error_code: 'bad-request', error_message: problem });
    }
    await this.#commit();
    return {
      response_status: batchStatus(instances.length, failed),
      ...(failed.length > 0 && { failed_instances: failed }),
    };
  }

  heartbeat(instanceKeys: readonly unknown[]): HeartbeatResponse {
    this.#requireWritable();
    const failed: unknown[] = [];
    const problems: string[] = [];
    for (let from = 0; from < instanceKeys.length; from += lookedUpAtOnce) {
      const items = instanceKeys.slice(from, from + lookedUpAtOnce);
      const keys = items.map(keyTextOf);
      const slots = this.#options.repository.slots.likelySlotsOf(keys);
      for (const [at, item] of items.entries()) {
        const problem = this.#beat(item, from + at, keys[at], slots[at]);
        if (problem === undefined) continue;
        failed.push(item);
        problems.push(problem);
      }
    }
    this.#options.counted(instanceKeys.length - failed.length, failed.length);
    return keysAnswer(instanceKeys, failed, problems);
  }

  async unregister(instanceKeys: readonly unknown[]): Promise<UnregisterResponse> {
    this.#requireWritable();
    const failed: unknown[] = [];
    const problems: string[] = [];
    instanceKeys.forEach((item, index) => {
      const parsed = instanceKeySchema.safeParse(item);
      if (!parsed.success) {
        failed.push(item);
        problems.push(describeIssue(parsed.error, `instance_keys[${index}]`, item));
        return;
      }
      this.#remove(toInstanceKey(parsed.data));
    });
    await this.#commit();
    return keysAnswer(instanceKeys, failed, problems);
  }

  /** Registers one instance. Answers what is wrong, `undefined` when nothing is. */
  #add(item: unknown, path: string, stamp: number): string | undefined {
    const { repository, identity, defaultTtlMs, maxTtlMs } = this.#options;
    const instance = readInstance(item);
    if (instance === undefined) return problemOf(item, path);
    const ttlSecs = instance.lease_ttl_secs;
    if (ttlSecs !== undefined && ttlSecs * 1000 > maxTtlMs) {
      const most = `lease.orphan_retention_secs of this node, which is ${maxTtlMs / 1000}`;
      return `${path}.lease_ttl_secs: is ${ttlSecs}, expected at most ${most}`;
    }
    const ttlMs = ttlSecs === undefined ? defaultTtlMs : ttlSecs * 1000;
    const record = aliveRecord(keyOf(instance), instance, this.#stamp(identity.nodeId, stamp), ttlMs);
    repository.apply(record, { origin: 'local', byClient: true });
    return undefined;
  }

  /** Renews one lease. Answers what is wrong, `undefined` when nothing is. */
  #beat(
    item: unknown,
    index: number,
    key: string | undefined,
    likelySlot: number | undefined,
  ): string | undefined {
    const { repository, leases } = this.#options;
    let record = key === undefined ? undefined : repository.get(key, likelySlot);
    if (record?.state !== 'alive') {
      const path = `instance_keys[${index}]`;
      const parsed = instanceKeySchema.safeParse(item);
      if (!parsed.success) return describeIssue(parsed.error, path, item);
      record = repository.get(keyOf(parsed.data));
      if (record?.state !== 'alive')
        return `${path}: unknown instance "${parsed.data.instance_id}", register it again`;
    }
    leases.renewByClient(record.key);
    this.#renew(record);
    return undefined;
  }

  /**
   * Becomes the owner only when the owner cannot be told: a heartbeat that merely came to another node than the last
   * one changes no version, however a load balancer sprays them.
   */
  #renew(record: AliveRecord): void {
    const { identity, canDeliverTo, repository, renewed } = this.#options;
    const { owner } = record.version;
    if (owner === identity.nodeId || canDeliverTo(owner)) renewed(record.key);
    else repository.apply(takeOverOf(record, identity.nodeId), { origin: 'local', byClient: true });
  }

  /** A tombstone is written for an unknown key too: its registration may still be on its way here. */
  #remove(instanceKey: InstanceKey): void {
    const record = unregistered(keyOf(instanceKey), instanceKey, this.#stamp(''));
    this.#options.repository.apply(record, { origin: 'local', byClient: true });
  }

  #stamp(owner: string, stamp = this.#options.clock.next()): Version {
    return { stamp, origin: this.#options.identity.origin, round: 0, owner };
  }

  #requireWritable(): void {
    const reason = this.#options.refusal();
    if (reason !== undefined) throw new ArtemisError('unavailable', reason, { retryAfterSecs: 1 });
  }

  async #commit(): Promise<void> {
    try {
      await this.#options.committed();
    } catch (cause) {
      throw new ArtemisError('unavailable', 'the node could not store the change', {
        retryAfterSecs: 1,
        cause,
      });
    }
  }
}

function problemOf(instance: unknown, path: string): string {
  const { error } = instanceSchema.safeParse(instance);
  return error === undefined ? path : describeIssue(error, path);
}

function status(code: ErrorCode, message?: string): ResponseStatus {
  return message === undefined ? { error_code: code } : { error_code: code, error_message: message };
}

function emptyList(field: string): ResponseStatus {
  return status('bad-request', `${field}: expected at least one item`);
}

function batchStatus(items: number, failed: readonly FailedInstance[]): ResponseStatus {
  const first = failed[0];
  if (first === undefined) return status('success');
  const message = `${failed.length} of ${items} items refused, the first: ${first.error_message}`;
  return status(failed.length < items ? 'partial_fail' : 'bad-request', message);
}

/** Existing callers expect `bad-request` as soon as one key fails, though the others were served. */
function keysAnswer(
  items: readonly unknown[],
  failed: readonly unknown[],
  problems: readonly string[],
): HeartbeatResponse {
  const [first] = problems;
  if (items.length === 0) return { response_status: emptyList('instance_keys') };
  if (first === undefined) return { response_status: status('success') };
  const message = `${failed.length} of ${items.length} keys refused, the first: ${first}`;
  return { response_status: status('bad-request', message), failed_instance_keys: [...failed] };
}
