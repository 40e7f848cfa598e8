import type {
  Admission,
  AgedRecord,
  Clock,
  DigestRequest,
  DigestResponse,
  LeaseAgesRequest,
  Logger,
  PeerHandler,
  RecordsRequest,
  Registry,
  RegistryRecord,
  ReplicaHeartbeatResponse,
  ReplicaRecord,
  ReplicaRegisterResponse,
  ReplicaService,
  ReplicaUnregisterResponse,
  RequestHeaders,
  Scheduler,
} from '@artemis/core';
import {
  decodeRemoval,
  describeIssue,
  encodeRecord,
  limits,
  readRecord,
  readRenewal,
  removalSchema,
  renewalSchema,
  replicaRecordSchema,
  Slices,
} from '@artemis/core';
import type { LeaseManager } from '../lease/manager.js';
import { lookedUpAtOnce } from '../registry/record-table.js';
import type { RegistryRepository } from '../registry/repository.js';
import type { RequestKind } from './batches.js';
import type { ExchangeServer } from './exchange-server.js';
import type { Intake, RecordIntake } from './intake.js';

/** Most records taken in in one turn: clients wait for it. */
const perTurn = 50;
/** Senders without the secret that are named in the log. */
const rememberedSenders = 100;

interface ReceiverOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly scheduler: Scheduler;
  readonly admission: (headers: RequestHeaders) => Admission;
  readonly intake: RecordIntake;
  readonly repository: RegistryRepository;
  readonly leases: LeaseManager;
  /** Takes what arrives without a version: that is a client's request at this node, and is passed on. */
  readonly registry: Registry;
  readonly exchange: ExchangeServer;
  /** Whether this node does not vouch for what it holds under a key. */
  readonly keptBack: (key: string) => boolean;
  readonly logger: Logger;
  readonly heard: (headers: RequestHeaders) => void;
  /** The node of that id compares itself with this one. */
  readonly asked: (nodeId: string) => void;
  readonly received: (kind: RequestKind, items: number) => void;
}

/** What became of one item, for the answer. */
type Verdict = Intake | { readonly kind: 'refused'; readonly reason: string };

/** The routes between nodes: items are parsed one by one, taken in, and answered with what the sender should learn. */
export class ReplicationReceiver implements PeerHandler {
  readonly #options: ReceiverOptions;
  readonly #refusedSenders = new Set<string>();

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  admit(headers: RequestHeaders): Admission {
    const admission = this.#options.admission(headers);
    if (admission === 'unauthorized') this.#tellOnce(senderOf(headers));
    return admission;
  }

  contact(headers: RequestHeaders): void {
    this.#options.heard(headers);
  }

  async register(items: readonly unknown[], headers: RequestHeaders): Promise<ReplicaRegisterResponse> {
    const { versioned, plain, answer } = this.#sort('register', items, 'replica', headers);
    const sender = senderOf(headers);
    await new Slices(this.#options, perTurn, items.length).each(versioned, ({ item, index }) =>
      answer.add(item, this.#record(item, index, sender), index),
    );
    if (plain.length > 0) {
      for (const failed of (await this.#options.registry.register(plain)).failed_instances ?? []) {
        answer.refuse(failed.instance, failed.error_message);
      }
    }
    return {
      ...this.#answered(answer),
      ...(answer.refused.length > 0 && { failed_instances: answer.refused }),
    };
  }

  heartbeat(items: readonly unknown[], headers: RequestHeaders): ReplicaHeartbeatResponse {
    const { versioned, plain, answer } = this.#sort('heartbeat', items, 'version', headers);
    const sender = senderOf(headers);
    const { repository, intake } = this.#options;
    for (let from = 0; from < versioned.length; from += lookedUpAtOnce) {
      const some = versioned.slice(from, from + lookedUpAtOnce);
      const renewals = some.map(({ item }) => readRenewal(item));
      const slots = repository.slots.likelySlotsOf(renewals.map((one) => one?.key));
      for (const [at, { item, index }] of some.entries()) {
        const renewal = renewals[at];
        const verdict =
          renewal === undefined ? wrongRenewal(item, index) : intake.renew(renewal, sender, slots[at]);
        answer.add(item, verdict, index);
      }
    }
    if (plain.length > 0) {
      answer.lacking.push(...(this.#options.registry.heartbeat(plain).failed_instance_keys ?? []));
    }
    return {
      ...this.#answered(answer),
      ...(answer.lacking.length > 0 && { failed_instance_keys: answer.lacking }),
    };
  }

  async unregister(items: readonly unknown[], headers: RequestHeaders): Promise<ReplicaUnregisterResponse> {
    const { versioned, plain, answer } = this.#sort('unregister', items, 'version', headers);
    const sender = senderOf(headers);
    await new Slices(this.#options, perTurn, items.length).each(versioned, ({ item, index }) =>
      answer.add(item, this.#removal(item, index, sender), index),
    );
    if (plain.length > 0) {
      const { response_status: status, failed_instance_keys: failed = [] } =
        await this.#options.registry.unregister(plain);
      for (const key of failed) answer.refuse(key, status.error_message ?? 'refused');
    }
    const failed = answer.refused.map(({ instance }) => instance);
    return { ...this.#answered(answer), ...(failed.length > 0 && { failed_instance_keys: failed }) };
  }

  *services(): Iterable<ReplicaService> {
    const { repository, keptBack } = this.#options;
    for (const serviceKey of [...repository.serviceKeys()]) {
      const entry = repository.service(serviceKey);
      if (entry === undefined) continue;
      const given = entry.live.filter(({ key }) => !keptBack(key));
      const instances = given.map((record) => this.#encode(record));
      if (instances.length > 0) yield { service_id: entry.name, instances } as ReplicaService;
    }
  }

  digest(request: DigestRequest, headers: RequestHeaders): DigestResponse {
    this.#options.asked(senderOf(headers));
    return this.#options.exchange.digest(request);
  }

  records(request: RecordsRequest): Iterable<Uint8Array> {
    return this.#options.exchange.records(request);
  }

  leaseAges(request: LeaseAgesRequest): Iterable<Uint8Array> {
    return this.#options.exchange.leaseAges(request);
  }

  /** Anybody can send names, so that only so many are remembered; the metrics count every refusal. */
  #tellOnce(sender: string): void {
    if (this.#refusedSenders.size >= rememberedSenders || this.#refusedSenders.has(sender)) return;
    this.#refusedSenders.add(sender);
    this.#options.logger.warn(
      `Refused replication of ${sender}: its cluster secret is missing or not this node's`,
    );
  }

  #record(item: unknown, index: number, sender: string): Verdict {
    const aged = readRecord(item);
    const parsed = aged === undefined ? replicaRecordSchema.safeParse(item) : undefined;
    if (parsed?.success === false)
      return { kind: 'refused', reason: describeIssue(parsed.error, pathOf('register', index), item) };
    return this.#take(aged, 'register', index, sender);
  }

  #removal(item: unknown, index: number, sender: string): Verdict {
    const parsed = removalSchema.safeParse(item);
    if (!parsed.success)
      return { kind: 'refused', reason: describeIssue(parsed.error, pathOf('unregister', index), item) };
    const record = decodeRemoval(parsed.data);
    return this.#take(record && { record, ageMs: 0 }, 'unregister', index, sender);
  }

  #take(aged: AgedRecord | undefined, kind: RequestKind, index: number, sender: string): Verdict {
    if (aged !== undefined) return this.#options.intake.accept(aged, sender);
    return {
      kind: 'refused',
      reason: `${pathOf(kind, index)}: instance, state and version do not belong together`,
    };
  }

  /** Counts and logs a request, and parts what carries a version from what does not. */
  #sort(kind: RequestKind, items: readonly unknown[], mark: string, headers: RequestHeaders): SortedItems {
    const { logger, received } = this.#options;
    const line = `Replication request ${kind}: ${items.length} items from ${senderOf(headers)} (X-Artemis-Replication)`;
    if (kind === 'heartbeat') logger.debug(line);
    else logger.info(line);
    received(kind, items.length);
    const versioned: SortedItems['versioned'] = [];
    const plain: unknown[] = [];
    items.forEach((item, index) => {
      if (typeof item === 'object' && item !== null && mark in item) versioned.push({ item, index });
      else plain.push(item);
    });
    return { versioned, plain, answer: new Answer(kind, items.length) };
  }

  #answered(answer: Answer): Pick<ReplicaRegisterResponse, 'response_status' | 'newer_instances'> {
    const newer: ReplicaRecord[] = [...answer.newer].map((record) => this.#encode(record));
    return { response_status: answer.status(), ...(newer.length > 0 && { newer_instances: newer }) };
  }

  #encode(record: RegistryRecord): ReplicaRecord {
    return encodeRecord({ record, ageMs: this.#options.leases.ageMs(record.key) });
  }
}

interface SortedItems {
  readonly versioned: { readonly item: object; readonly index: number }[];
  readonly plain: readonly unknown[];
  /** To all of them, nothing in it yet. */
  readonly answer: Answer;
}

/** Where in a request an item is. Made for what is wrong only: most items are right, and there are thousands. */
function pathOf(kind: RequestKind, index: number): string {
  return `${kind === 'register' ? 'instances' : 'instance_keys'}[${index}]`;
}

function wrongRenewal(item: unknown, index: number): Verdict {
  const path = pathOf('heartbeat', index);
  const { error } = renewalSchema.safeParse(item);
  return { kind: 'refused', reason: error === undefined ? path : describeIssue(error, path, item) };
}

/** Collects what the sender is told. */
class Answer {
  /** Each once, however often the sender names it. */
  readonly newer = new Set<RegistryRecord>();
  readonly lacking: unknown[] = [];
  readonly refused: { instance: unknown; error_code: 'bad-request'; error_message: string }[] = [];
  readonly #kind: RequestKind;
  readonly #items: number;

  constructor(kind: RequestKind, items: number) {
    this.#kind = kind;
    this.#items = items;
  }

  add(item: unknown, verdict: Verdict, index: number): void {
    switch (verdict.kind) {
      case 'newer':
        this.newer.add(verdict.held);
        break;
      case 'lacking':
        this.lacking.push(item);
        break;
      case 'clock-refused':
        this.refuse(item, `${pathOf(this.#kind, index)}.version: its clock is too far ahead of this node's`);
        break;
      case 'refused':
        this.refuse(item, verdict.reason);
        break;
      case 'taken':
    }
  }

  refuse(item: unknown, reason: string): void {
    this.refused.push({ instance: item, error_code: 'bad-request', error_message: reason });
  }

  status(): ReplicaRegisterResponse['response_status'] {
    const [first] = this.refused;
    if (this.#items === 0) return { error_code: 'bad-request', error_message: 'expected at least one item' };
    if (first === undefined) return { error_code: 'success' };
    const message = `${this.refused.length} of ${this.#items} items refused, the first: ${first.error_message}`;
    return {
      error_code: this.refused.length < this.#items ? 'partial_fail' : 'bad-request',
      error_message: message,
    };
  }
}

function senderOf(headers: RequestHeaders): string {
  const node = headers['x-artemis-node'];
  // A node id, so no longer than one, whatever is sent as it.
  return typeof node === 'string' ? node.slice(0, limits.idLength) : 'an unnamed node';
}
