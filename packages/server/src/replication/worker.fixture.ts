import { CollectedLogger, SeededRandom, VirtualTime } from '@artemis/core/testing';
import { Peer } from '../cluster/peer.js';
import type { Sent } from './delivery.js';
import type { Outcome } from './error.js';
import type { OutboxItem, OutboxKind } from './outbox.js';
import type { WorkerOptions } from './worker.js';
import { ReplicationWorker } from './worker.js';

export const failed: Outcome = { kind: 'retry', reason: 'HTTP 503', unanswered: false };
const delivered: Outcome = { kind: 'delivered', body: undefined };
export const cameAlive = { recovered: true, newRun: true };

/** A worker on virtual time, and a peer that answers as it is told. */
export class WorkerBench {
  readonly time = new VirtualTime();
  readonly logger = new CollectedLogger();
  readonly requests: { kind: OutboxKind; keys: string[]; atMs: number }[] = [];
  readonly missed: string[] = [];
  /** Of the next requests; those after them are delivered. */
  outcomes: Outcome[] = [];
  gaveUp = 0;
  /** When set, a request stays under way until the function in it is called. */
  held: (() => void)[] | undefined;

  worker(options: Partial<WorkerOptions> = {}): ReplicationWorker {
    const { clock, scheduler } = this.time;
    return new ReplicationWorker({
      peer: new Peer({ address: 'node2:8080', url: 'http://node2:8080' }, 'configured', 5000, {
        monotonicMs: 0,
        wallMs: 0,
      }),
      clock,
      scheduler,
      random: new SeededRandom(1),
      logger: this.logger,
      outboxLimit: 1000,
      batchSize: 100,
      batchIntervalMs: 100,
      maxRetries: 3,
      retryGivenUpMs: 5000,
      send: (kind, items) => this.#send(kind, items),
      gaveUp: () => (this.gaveUp += 1),
      missed: (_peer, why) => this.missed.push(why),
      ...options,
    });
  }

  /** A key that waits from now on. */
  item(key: string): OutboxItem {
    return { key, sinceMs: this.time.nowMs };
  }

  /** A worker whose peer has answered. */
  async ready(options: Partial<WorkerOptions> = {}): Promise<ReplicationWorker> {
    const worker = this.worker(options);
    worker.wake(cameAlive);
    await this.time.settle();
    return worker;
  }

  async #send(kind: OutboxKind, items: readonly OutboxItem[]): Promise<Sent> {
    this.requests.push({ kind, keys: items.map(({ key }) => key), atMs: this.time.nowMs });
    if (this.held !== undefined) await new Promise<void>((resolve) => this.held?.push(resolve));
    const outcome = this.outcomes.shift() ?? delivered;
    return { outcome, undelivered: outcome.kind === 'retry' ? [...items] : [] };
  }
}
