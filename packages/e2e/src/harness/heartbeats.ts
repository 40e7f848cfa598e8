import type { InstanceKeyInput } from '@artemis/core';
import type { RunningNode } from './node-process.js';
import type { Stage } from './stage.js';

/** Clients that keep their leases alive at one node, until they are stopped. A heartbeat that fails is sent again. */
export class Heartbeats {
  readonly #timer: NodeJS.Timeout;
  #failure: unknown;

  constructor(stage: Stage, node: RunningNode, keys: readonly InstanceKeyInput[], everyMs: number) {
    this.#timer = setInterval(() => void this.#beat(node, keys), everyMs);
    stage.defer(() => this.stop());
  }

  /** Why the latest heartbeat was not taken; `undefined` when it was. */
  get failure(): unknown {
    return this.#failure;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #beat(node: RunningNode, keys: readonly InstanceKeyInput[]): Promise<void> {
    try {
      const { response_status: status } = await node.api.heartbeat(keys);
      this.#failure = status.error_code === 'success' ? undefined : status.error_message;
    } catch (error) {
      this.#failure = error;
    }
  }
}
