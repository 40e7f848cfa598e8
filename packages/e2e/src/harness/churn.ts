import { toInstanceKey } from '@artemis/core';
import { anInstance, SeededRandom } from '@artemis/core/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningNode } from './node-process.js';
import type { Stage } from './stage.js';

/** Longer than any test. */
const leaseSecs = 600;

interface ChurnOptions {
  readonly services: readonly string[];
  /** Instances of each service that come, change and go. */
  readonly instances?: number;
  readonly everyMs?: number;
}

/** A client that registers, changes and removes instances at one node, on and on, until it is stopped. */
export class Churn {
  /** Registers and unregisters so far. */
  turns = 0;
  readonly #running: Promise<void>;
  readonly #end = new AbortController();

  constructor(stage: Stage, node: RunningNode, { services, instances = 12, everyMs = 10 }: ChurnOptions) {
    this.#running = this.#run(node, services, instances, everyMs);
    // Who stops it gets the failure.
    this.#running.catch(() => undefined);
    stage.defer(() => this.#end.abort());
  }

  /** Rejects when a request was not taken. */
  async stop(): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  async #run(node: RunningNode, services: readonly string[], count: number, everyMs: number): Promise<void> {
    const random = new SeededRandom('churn');
    while (!this.#end.signal.aborted) {
      const service = random.pick(services);
      const batch = Array.from({ length: random.int(1, 4) }, () =>
        anInstance({
          service_id: service,
          instance_id: `churn-${random.int(0, count - 1)}`,
          port: random.int(1, 65_535),
          lease_ttl_secs: leaseSecs,
        }),
      );
      const goes = random.chance(0.3);
      const { response_status: status } = goes
        ? await node.api.unregister(batch.map(toInstanceKey))
        : await node.api.register(batch);
      if (status.error_code !== 'success') throw new Error(`${node.name}: ${JSON.stringify(status)}`);
      this.turns += 1;
      await sleep(everyMs);
    }
  }
}
