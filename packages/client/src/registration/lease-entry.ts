import { keyOf, toInstanceKey, type InstanceInput, type InstanceKey } from '@artemis/core';
import { ClientError } from '../client-error.js';
import { Emitter, type Unsubscribe } from '../emitter.js';
import { Deferred } from '../waiting.js';
import type {
  Registration,
  RegistrationEvents,
  RegistrationState,
  RegistrationUpdate,
} from './registration.js';

/** What an entry asks of whoever speaks with the nodes. */
export interface LeaseKeeper {
  /** Something is to be sent. */
  changed(): void;
  /** Throws `invalid`. */
  checked(instance: InstanceInput): InstanceInput;
  remove(entry: LeaseEntry): Promise<void>;
}

/**
 * One registration, and what of it the node does not know yet.
 *
 * `due` is what is to be sent: again after each move to another node, since the lease is that node's from then on.
 */
export class LeaseEntry implements Registration {
  readonly key: InstanceKey;
  readonly id: string;
  readonly #keeper: LeaseKeeper;
  readonly #events: Emitter<RegistrationEvents>;
  #instance: InstanceInput;
  /** What a node took last; `undefined` before one did. */
  #taken: InstanceInput | undefined;
  #isDue = true;
  /** Monotonic; a node refused it, and is not asked again before. */
  #notBeforeMs = 0;
  #state: RegistrationState = 'registering';
  /** Settled when the node has taken, or refused, what is due now. */
  #outcome = new Deferred<void>();
  #closing: Promise<void> | undefined;

  constructor(instance: InstanceInput, keeper: LeaseKeeper, failed: (error: unknown) => void) {
    this.#instance = instance;
    this.key = toInstanceKey(instance);
    this.id = keyOf(instance);
    this.#keeper = keeper;
    this.#events = new Emitter(failed);
  }

  get instance(): InstanceInput {
    return this.#instance;
  }

  get state(): RegistrationState {
    return this.#state;
  }

  /** Whether a node has to be told. @param nowMs monotonic */
  isDue(nowMs: number): boolean {
    return this.#isDue && nowMs >= this.#notBeforeMs;
  }

  /** Whether the node knows it, so that a heartbeat is what it needs. */
  get isKept(): boolean {
    return !this.#isDue;
  }

  /** Resolves when a node has taken what it is now. */
  taken(): Promise<void> {
    return this.#outcome.promise;
  }

  async update({ status, metadata }: RegistrationUpdate): Promise<void> {
    if (this.#state === 'closed') throw closedError();
    const changed = {
      ...this.#instance,
      ...(status === undefined ? {} : { status }),
      ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
    };
    this.#instance = this.#keeper.checked(changed);
    this.#isDue = true;
    this.#notBeforeMs = 0;
    // Who waits for an update that is replaced waits for what replaces it.
    const before = this.#outcome;
    this.#outcome = new Deferred();
    this.#outcome.promise.then(before.resolve, before.reject);
    this.#keeper.changed();
    return this.#outcome.promise;
  }

  on<Name extends keyof RegistrationEvents>(
    name: Name,
    listener: (event: RegistrationEvents[Name]) => void,
  ): Unsubscribe {
    return this.#events.on(name, listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Another node is spoken to. */
  moved(): void {
    this.#isDue = true;
    this.#notBeforeMs = 0;
  }

  /** The node says that it does not know it. */
  lost(reason: string): void {
    this.#isDue = true;
    this.#state = 'registering';
    this.#events.emit('lost', { reason });
  }

  /** @param sent what the node has taken, which may be replaced already */
  accepted(sent: InstanceInput, node: string): void {
    if (this.#state === 'closed') return;
    this.#taken = sent;
    this.#state = 'registered';
    if (sent === this.#instance) {
      this.#isDue = false;
      this.#outcome.resolve();
    }
    this.#events.emit('registered', { node });
  }

  /**
   * A node refused it for good: what was there before an update stays; what was taken before by another node is tried
   * again. Answers whether no call is waiting to be told.
   *
   * @param retryAtMs monotonic
   */
  refused(sent: InstanceInput, error: ClientError, retryAtMs: number): boolean {
    if (this.#state === 'closed' || sent !== this.#instance) return false;
    const isUpdate = this.#taken !== undefined && this.#taken !== sent;
    if (isUpdate && this.#taken !== undefined) this.#instance = this.#taken;
    else this.#notBeforeMs = retryAtMs;
    this.#outcome.reject(error);
    this.#events.emit('error', error);
    return sent === this.#taken;
  }

  /** No node knows it, and none is to be told. */
  drop(): void {
    this.#state = 'closed';
    this.#isDue = false;
    this.#outcome.reject(closedError());
  }

  async #close(): Promise<void> {
    this.drop();
    await this.#keeper.remove(this);
  }
}

function closedError(): ClientError {
  return new ClientError('closed', 'the registration is closed');
}
