import type { Instance } from '@artemis/core';
import type { ClientCall } from './client-endpoint.js';

/**
 * One step of a client, as it sees it. `unknown`: the node answered that it does not know the key. `failed`: no answer,
 * or a refusal; whether a write took effect is not known.
 */
export interface ClientEvent {
  readonly kind: 'sent' | 'acknowledged' | 'unknown' | 'failed' | 'died';
  readonly call: ClientCall;
  readonly clientId: string;
  /** Canonical key. */
  readonly key: string;
  /** Whether other clients write the key too. */
  readonly shared: boolean;
  readonly nodeId: string;
  /** Virtual ms at which the call left. */
  readonly sentMs: number;
  /** Virtual ms of this step. */
  readonly atMs: number;
  /** What is registered, or was last. */
  readonly instance: Instance;
  readonly ttlMs: number;
}
