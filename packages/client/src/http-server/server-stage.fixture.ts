import type { InstanceInput, InstanceStatus } from '@artemis/core';
import { ClientError } from '../client-error.js';
import type { InstanceToRegister, Registration } from '../registration/registration.js';
import type { Deferred } from '../waiting.js';
import type { SignalSource } from './own-process.js';

/** Takes registrations as a client does, and remembers what is registered now. */
export class FakeClient {
  /** Every status that a node was told, and `gone`. */
  readonly told: (InstanceStatus | 'gone')[] = [];
  readonly instances: InstanceToRegister[] = [];
  /** What the next call comes to. */
  refusal: Error | undefined;
  /** Held back until it is resolved. */
  gate: Deferred<void> | undefined;

  async register(
    instance: InstanceToRegister,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Registration> {
    this.instances.push(instance);
    const { gate } = this;
    signal?.addEventListener('abort', () => gate?.reject(new ClientError('aborted', 'aborted')));
    await gate?.promise;
    this.#check();
    this.told.push(instance.status ?? 'up');
    return this.#registration(instance as InstanceInput);
  }

  #registration(instance: InstanceInput): Registration {
    const close = async () => void this.told.push('gone');
    return {
      key: { region_id: 'r', zone_id: 'z', service_id: instance.service_id, group_id: '', instance_id: 'i' },
      instance,
      state: 'registered',
      update: async ({ status }) => {
        this.#check();
        if (status !== undefined) this.told.push(status);
      },
      on: () => () => undefined,
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  #check(): void {
    const { refusal } = this;
    this.refusal = undefined;
    if (refusal !== undefined) throw refusal;
  }
}

/** A process that notes what would have ended it. */
export class FakeProcess implements SignalSource {
  readonly raised: string[] = [];
  readonly #listeners: (() => void)[] = [];

  on(_signal: string, listener: () => void): void {
    this.#listeners.push(listener);
  }

  off(_signal: string, listener: () => void): void {
    this.#listeners.splice(this.#listeners.indexOf(listener), 1);
  }

  listenerCount(): number {
    return this.#listeners.length;
  }

  raise(signal: string): void {
    this.raised.push(signal);
  }

  send(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
