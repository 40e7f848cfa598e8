import type { InstanceInput, InstanceKey, InstanceStatus } from '@artemis/core';
import type { ClientError } from '../client-error.js';
import type { Unsubscribe } from '../emitter.js';

/**
 * An instance to register. `region_id` and `zone_id` default to those of the client, `group_id` to `""`, `status` to
 * `up`, and `url` to `http://IP:PORT`.
 */
export type InstanceToRegister = Omit<InstanceInput, 'region_id' | 'zone_id' | 'status' | 'url'> &
  Partial<Pick<InstanceInput, 'region_id' | 'zone_id' | 'status' | 'url'>>;

/** What of a registration can be changed; what is absent stays. */
export interface RegistrationUpdate {
  readonly status?: InstanceStatus;
  /** Replaces the whole metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * - `registering`: on its way to a node, for the first time or again
 * - `registered`: a node has taken it, and its lease is being kept
 * - `closed`: unregistered
 */
export type RegistrationState = 'registering' | 'registered' | 'closed';

export interface RegistrationEvents {
  /** A node has taken it: the first time, after an update, and each time that it had to be registered again. */
  registered: { readonly node: string };
  /** It has to be registered again, which is done at once where a node can be reached. */
  lost: { readonly reason: string };
  /** A node refused it; it is tried again with the next heartbeat. */
  error: ClientError;
}

/** An instance whose lease is kept alive. */
export interface Registration extends AsyncDisposable {
  readonly key: InstanceKey;
  /** As it was last taken, or is to be taken, by a node. */
  readonly instance: InstanceInput;
  readonly state: RegistrationState;
  /**
   * Resolves when a node has taken it. Rejects with `invalid` or `refused`, after which all is as before, and with
   * `closed`.
   */
  update(update: RegistrationUpdate): Promise<void>;
  on<Name extends keyof RegistrationEvents>(
    name: Name,
    listener: (event: RegistrationEvents[Name]) => void,
  ): Unsubscribe;
  /**
   * Unregisters it. Resolves when a node knows, or after the request time-out when none can be reached: its lease
   * ends by itself then.
   */
  close(): Promise<void>;
}
