import {
  ArtemisError,
  keyOf,
  limits,
  toInstanceKey,
  type AppState,
  type ClientMessage,
  type InstanceInput,
  type InstanceKey,
  type RegisterResponse,
  type UnregisterResponse,
  instanceKeySchema,
} from '@artemis/core';

/** A message that is answered by a `result`. */
export type LeaseRequest = ClientMessage & { type: 'register' | 'unregister' | 'heartbeat' };

export function isRequest(message: ClientMessage): message is LeaseRequest {
  return message.type === 'register' || message.type === 'unregister' || message.type === 'heartbeat';
}

/** What a client registers over its connection, so that it can renew all of it with one short message. */
export class SessionLeases {
  readonly #registry: AppState['registry'];
  readonly #registered = new Map<string, InstanceKey>();
  /** For each registration that waits for the store: keys that were unregistered meanwhile. */
  readonly #overtaken = new Set<Set<string>>();

  constructor({ registry }: Pick<AppState, 'registry'>) {
    this.#registry = registry;
  }

  /** Takes effect in this turn; resolves with the answer. Rejects or throws when the node cannot take it. */
  answer(message: LeaseRequest): Promise<RegisterResponse | UnregisterResponse> {
    switch (message.type) {
      case 'register':
        return this.#register(message.instances);
      case 'unregister':
        return this.#unregister(message.instance_keys);
      case 'heartbeat':
        return Promise.resolve(this.#heartbeat(message.instance_keys ?? undefined));
    }
  }

  async #register(instances: readonly unknown[]): Promise<RegisterResponse> {
    if (this.#registered.size + instances.length > limits.batchItems && !this.#fits(instances)) {
      const most = `a connection holds at most ${limits.batchItems} instances`;
      throw new ArtemisError('wrong-envelope', `instances: ${most}, open another one`);
    }
    const gone = new Set<string>();
    this.#overtaken.add(gone);
    const answer = await this.#registry.register(instances).finally(() => this.#overtaken.delete(gone));
    const failed = new Set(answer.failed_instances?.map(({ instance }) => instance));
    if (answer.response_status.error_code !== 'success' && failed.size === 0) return answer;
    for (const item of instances) {
      if (failed.has(item)) continue;
      // What was accepted is an instance.
      const instance = item as InstanceInput;
      const key = keyOf(instance);
      if (!gone.has(key)) this.#registered.set(key, toInstanceKey(instance));
    }
    return answer;
  }

  /** Whether all will be known when those are added; some may be known already. */
  #fits(instances: readonly unknown[]): boolean {
    const known = new Set(this.#registered.keys());
    for (const item of instances) {
      const parsed = instanceKeySchema.safeParse(item);
      if (parsed.success) known.add(keyOf(parsed.data));
    }
    return known.size <= limits.batchItems;
  }

  #unregister(instanceKeys: readonly unknown[]): Promise<UnregisterResponse> {
    const answer = this.#registry.unregister(instanceKeys);
    for (const item of instanceKeys) {
      const parsed = instanceKeySchema.safeParse(item);
      if (!parsed.success) continue;
      const key = keyOf(parsed.data);
      this.#registered.delete(key);
      for (const gone of this.#overtaken) gone.add(key);
    }
    return answer;
  }

  #heartbeat(instanceKeys: readonly unknown[] | undefined): UnregisterResponse {
    const keys: readonly unknown[] = instanceKeys ?? [...this.#registered.values()];
    if (instanceKeys === undefined && keys.length === 0) {
      throw new ArtemisError('wrong-envelope', 'instance_keys: nothing is registered on this connection');
    }
    return this.#registry.heartbeat(keys);
  }
}
