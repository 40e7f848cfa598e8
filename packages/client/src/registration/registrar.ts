import { errorTable, instanceKeySchema, instanceSchema, keyOf, toInstanceKey } from '@artemis/core';
import type { Cancel, ErrorCode, InstanceInput, InstanceKey } from '@artemis/core';
import type { ClientContext } from '../client-context.js';
import { ClientError } from '../client-error.js';
import { NodeFailure } from '../transport/node-failure.js';
import type { LeaseResult, Session } from '../transport/session.js';
import { Deferred } from '../waiting.js';
import { firstBatch } from './batches.js';
import { checkInstance } from './check-instance.js';
import { LeaseEntry, type LeaseKeeper } from './lease-entry.js';

/** The default of `lease.ttl_secs`, for instances that do not say. */
const defaultLeaseSecs = 30;
const heartbeatsPerLease = 3;

interface Removal {
  readonly key: InstanceKey;
  readonly done: Deferred<void>;
}

/**
 * Keeps the leases of all registrations of one client: one heartbeat for all of them. One request at a time is under
 * way, so that what is said of one instance arrives in the order in which it was meant.
 */
export class Registrar implements LeaseKeeper {
  readonly #context: ClientContext;
  readonly #ownIntervalMs: number | undefined;
  readonly #entries = new Map<string, LeaseEntry>();
  readonly #removals = new Map<string, Removal>();
  #session: Session | undefined;
  #isWorking = false;
  #isHeartbeatDue = false;
  #timer: Cancel = () => undefined;
  /** Monotonic. */
  #heartbeatMs = Infinity;

  /** @param heartbeatIntervalMs default: a third of the shortest lease */
  constructor(context: ClientContext, heartbeatIntervalMs: number | undefined) {
    this.#context = context;
    this.#ownIntervalMs = heartbeatIntervalMs;
  }

  /** Throws `invalid` when the instance is registered by this client already. */
  add(instance: InstanceInput): LeaseEntry {
    const entry = new LeaseEntry(instance, this, this.#context.listenerFailed);
    if (this.#entries.has(entry.id)) {
      const what = `${entry.key.service_id}/${entry.key.instance_id}`;
      throw new ClientError(
        'invalid',
        `${what} is registered by this client already: update that registration`,
      );
    }
    this.#entries.set(entry.id, entry);
    this.#planHeartbeat();
    this.changed();
    return entry;
  }

  /** No node knows of it, and none is told. */
  forget(entry: LeaseEntry): void {
    if (this.#entries.get(entry.id) === entry) this.#entries.delete(entry.id);
    entry.drop();
  }

  /** Whatever a node knew is told to this one: from here on the leases are its own. */
  online(session: Session): void {
    this.#session = session;
    for (const entry of this.#entries.values()) entry.moved();
    this.changed();
  }

  offline(): void {
    this.#session = undefined;
  }

  changed(): void {
    // In a turn of its own, so that what is registered together goes out together.
    if (!this.#isWorking) this.#context.environment.scheduler.soon(() => this.#start());
  }

  checked(instance: InstanceInput): InstanceInput {
    return checkInstance(instance);
  }

  async remove({ id, key }: LeaseEntry): Promise<void> {
    this.#entries.delete(id);
    const removal: Removal = { key, done: new Deferred() };
    this.#removals.set(id, removal);
    this.changed();
    const { environment, requestTimeoutMs, logger, report } = this.#context;
    const cancel = environment.scheduler.after(requestTimeoutMs, () => {
      const what = `no node was told that ${key.service_id}/${key.instance_id} has stopped: its lease will end`;
      logger.warn(what);
      report(new ClientError('unavailable', what));
      this.#removed(id, removal);
    });
    await removal.done.promise;
    cancel();
  }

  /** Unregisters everything. */
  async close(): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => entry.close()));
    this.#timer();
  }

  #start(): void {
    if (this.#isWorking) return;
    this.#work().catch((error: unknown) => {
      this.#context.logger.error('A defect of the client', { error: String(error) });
    });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    try {
      for (;;) {
        const session = this.#session;
        const request = session && this.#nextRequest(session);
        // One that is over refuses at once, and would be asked for ever: the next one is on its way.
        if (session === undefined || session.isOver || request === undefined) return;
        await this.#attempt(session, request);
      }
    } finally {
      this.#isWorking = false;
    }
  }

  async #attempt(session: Session, request: () => Promise<void>): Promise<void> {
    try {
      await request();
    } catch (error) {
      const retryAfterMs = error instanceof NodeFailure ? error.retryAfterMs : undefined;
      // One that will not keep leases is of no use, whatever else it does.
      if (this.#session === session) session.fail({ reason: reasonOf(error), retryAfterMs });
    }
  }

  /** Removals first: an instance may be registered again under the key of one that was closed. */
  #nextRequest(session: Session): (() => Promise<void>) | undefined {
    if (this.#removals.size > 0) return () => this.#sendRemovals(session);
    const nowMs = this.#context.environment.clock.monotonicMs();
    const due = [...this.#entries.values()].filter((entry) => entry.isDue(nowMs));
    if (due.length > 0) return () => this.#sendInstances(session, due);
    if (this.#isHeartbeatDue) return () => this.#sendHeartbeat(session);
    return undefined;
  }

  async #sendRemovals(session: Session): Promise<void> {
    const removals = firstBatch([...this.#removals]);
    await session.request({ type: 'unregister', instance_keys: removals.map(([, { key }]) => key) });
    for (const [id, removal] of removals) this.#removed(id, removal);
  }

  #removed(id: string, removal: Removal): void {
    if (this.#removals.get(id) === removal) this.#removals.delete(id);
    removal.done.resolve();
  }

  async #sendInstances(session: Session, due: readonly LeaseEntry[]): Promise<void> {
    const instances = firstBatch(due.map(({ instance }) => instance));
    const result = await session.request({ type: 'register', instances });
    if (this.#session !== session) return;
    const refusals = refusalsOf(result);
    instances.forEach((sent, index) => {
      const entry = due[index];
      if (entry === undefined) return;
      const refusal = refusals === 'all' ? errorOf(result.status) : refusals.get(entry.id);
      if (refusal === undefined) this.#accepted(entry, sent, session);
      else this.#refused(entry, sent, refusal, session);
    });
  }

  #accepted(entry: LeaseEntry, sent: InstanceInput, session: Session): void {
    this.#context.metrics.increment('registrations', 1, { node: session.node });
    entry.accepted(sent, session.node);
  }

  #refused(entry: LeaseEntry, sent: InstanceInput, error: ClientError, session: Session): void {
    const code = error.errorCode;
    if (code !== undefined && errorTable[code].retryable)
      throw new NodeFailure(`${session.node}: ${error.message}`);
    this.#context.logger.error(`${session.node} refused ${entry.key.instance_id}: ${error.message}`);
    const nowMs = this.#context.environment.clock.monotonicMs();
    if (entry.refused(sent, error, nowMs + this.#intervalMs() / 2)) this.#context.report(error);
  }

  async #sendHeartbeat(session: Session): Promise<void> {
    this.#isHeartbeatDue = false;
    const kept = [...this.#entries.values()].filter((entry) => entry.isKept);
    if (kept.length === 0) return;
    const { status, failedKeys } = await session.request({
      type: 'heartbeat',
      instance_keys: kept.map(({ key }) => key),
    });
    if (this.#session !== session || status.error_code === 'success') return;
    const unknown = failedKeys.length === 0 ? kept : this.#entriesOf(failedKeys);
    for (const entry of unknown) {
      this.#context.metrics.increment('registrations_lost', 1, { node: session.node });
      this.#context.logger.warn(
        `${session.node} does not know ${entry.key.instance_id}: registering it again`,
      );
      entry.lost(status.error_message ?? `${session.node} did not know it`);
    }
  }

  #entriesOf(keys: readonly unknown[]): LeaseEntry[] {
    return keys
      .map((key) => instanceKeySchema.safeParse(key).data)
      .map((key) => (key === undefined ? undefined : this.#entries.get(keyOf(toInstanceKey(key)))))
      .filter((entry) => entry !== undefined);
  }

  /** Brings the next heartbeat forward to where the leases want it. */
  #planHeartbeat(): void {
    const { scheduler, random, clock } = this.#context.environment;
    const nowMs = clock.monotonicMs();
    // A little early by chance: the clients of a node that was restarted shall not all speak at once for ever.
    const dueMs = nowMs + this.#intervalMs() * (0.9 + random.next() / 10);
    if (dueMs >= this.#heartbeatMs) return;
    this.#heartbeatMs = dueMs;
    this.#timer();
    this.#timer = scheduler.after(dueMs - nowMs, () => {
      this.#heartbeatMs = Infinity;
      if (this.#entries.size === 0) return;
      this.#isHeartbeatDue = true;
      this.changed();
      this.#planHeartbeat();
    });
  }

  #intervalMs(): number {
    const leases = [...this.#entries.values()].map(
      ({ instance }) => instance.lease_ttl_secs ?? defaultLeaseSecs,
    );
    const shortest = Math.min(defaultLeaseSecs, ...leases);
    return this.#ownIntervalMs ?? (shortest * 1000) / heartbeatsPerLease;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function errorOf({
  error_code,
  error_message,
}: {
  error_code: ErrorCode;
  error_message?: string | undefined;
}): ClientError {
  return new ClientError('refused', error_message ?? `the answer was ${error_code}`, {
    errorCode: error_code,
  });
}

/** What a node refused, by canonical key; `all` when it does not say which. */
function refusalsOf({ status, failedInstances }: LeaseResult): ReadonlyMap<string, ClientError> | 'all' {
  const refusals = new Map<string, ClientError>();
  for (const { instance, ...failure } of failedInstances) {
    const sent = instanceSchema.safeParse(instance).data;
    if (sent !== undefined) refusals.set(keyOf(sent), errorOf(failure));
  }
  return status.error_code !== 'success' && refusals.size === 0 ? 'all' : refusals;
}
