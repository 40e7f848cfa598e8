import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceKeyInput } from '@artemis/core';
import type { NodeProcess } from '../harness/node-process.js';

const everyMs = 100;
const heartbeatEveryMs = 1_000;

interface WatchOptions {
  readonly nodes: readonly NodeProcess[];
  /** Their clients go on whatever happens. */
  readonly keys: readonly InstanceKeyInput[];
}

/** Well-behaved callers, while others are not: health checks of every node, and the heartbeats of some instances. */
export class Watch {
  readonly faults: string[] = [];
  checks = 0;
  heartbeats = 0;
  readonly #options: WatchOptions;
  readonly #running: Promise<void>;
  #stopped = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#running = Promise.all([this.#watchHealth(), this.#keepAlive()]).then(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #watchHealth(): Promise<void> {
    while (!this.#stopped) {
      for (const node of this.#options.nodes) {
        await this.#guard(`health of ${node.name}`, async () => {
          const { status, text } = await node.api.http.ask('GET', '/health');
          if (status !== 200) throw new Error(`${status} ${text}`);
          this.checks += 1;
        });
      }
      await sleep(everyMs);
    }
  }

  /** Heartbeats go to the node that is attacked. */
  async #keepAlive(): Promise<void> {
    const [attacked] = this.#options.nodes;
    while (attacked !== undefined && !this.#stopped) {
      await this.#guard('heartbeat', async () => {
        const { response_status: status } = await attacked.api.heartbeat(this.#options.keys);
        if (status.error_code !== 'success') throw new Error(JSON.stringify(status));
        this.heartbeats += 1;
      });
      await sleep(heartbeatEveryMs);
    }
  }

  async #guard(what: string, task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.faults.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
