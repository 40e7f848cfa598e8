import type { Cancel, Clock, Logger, Random, Scheduler } from '@artemis/core';
import { limits } from '@artemis/core';
import type { Peer } from '../cluster/peer.js';
import { backoffMs } from './backoff.js';
import type { Sent } from './delivery.js';
import type { Outcome } from './error.js';
import type { OutboxItem, OutboxKind } from './outbox.js';
import { Outbox } from './outbox.js';
import { TableOffer } from './table-offer.js';

/** A peer that was given up and then answers a probe is tried again after this long. */
const secondChanceMs = 1000;
const offerPage = 1000;

type Phase = 'idle' | 'sending' | 'backing-off' | 'given-up' | 'stopped';

export interface WorkerOptions {
  readonly peer: Peer;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly logger: Logger;
  readonly outboxLimit: number;
  readonly batchSize: number;
  readonly batchIntervalMs: number;
  readonly maxRetries: number;
  /** A peer that answers probes but takes nothing is tried again this long after it was given up, ms. */
  readonly retryGivenUpMs: number;
  readonly send: (kind: OutboxKind, items: readonly OutboxItem[]) => Promise<Sent>;
  /** All keys of the table. */
  readonly tableKeys: () => Iterable<string>;
  /** The peer took nothing; what it takes next is asked by a probe. */
  readonly gaveUp: (peer: Peer) => void;
  readonly overflowed: (peer: Peer) => void;
  readonly repairing: (peer: Peer) => void;
}

/**
 * One peer's sender: everything that waits goes out in order, one request in flight, whatever other peers do.
 *
 * ```
 *   given-up --peer answers--> idle --something is due--> sending --failed--> backing-off
 *      ^                        ^                        |  |  ^                  |
 *      |                        +----nothing is due------+  |  +---time is over---+
 *      +-------failed more than max_retries in a row--------+
 * ```
 *
 * It begins given up, since nothing is sent to a peer that has never answered. Giving up keeps the outbox. What the
 * outbox could not hold, or the peer refused, or lost by starting anew, is repaired by offering the whole table.
 */
export class ReplicationWorker {
  readonly #options: WorkerOptions;
  readonly #outbox: Outbox;
  #phase: Phase = 'given-up';
  #phaseSinceMs = -Infinity;
  #planned: { cancel: Cancel; atMs: number } | undefined;
  #failures = 0;
  /** Until when the peer asked to be left alone, monotonic ms. */
  #restUntilMs = -Infinity;
  #rejectedFor: string | undefined;
  #lastKind: OutboxKind = 'renewal';
  #inFlight: readonly OutboxItem[] = [];
  #repair: 'none' | 'wanted' | 'after-recovery' = 'none';
  #offer: TableOffer | undefined;
  #repairedWallMs: number | undefined;
  #draining: (() => void)[] = [];

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.outboxLimit);
  }

  get peer(): Peer {
    return this.#options.peer;
  }

  get depth(): number {
    return this.#outbox.size + this.#inFlight.length;
  }

  /** How long the oldest change has waited, ms. */
  get lagMs(): number {
    const oldest = Math.min(this.#outbox.oldestMs ?? Infinity, this.#inFlight[0]?.sinceMs ?? Infinity);
    return oldest === Infinity ? 0 : Math.round(this.#now() - oldest);
  }

  /** Whether the peer missed changes and has not been offered the table yet. */
  get repairPending(): boolean {
    return this.#repair !== 'none' || this.#offer !== undefined;
  }

  get repairedWallMs(): number | undefined {
    return this.#repairedWallMs;
  }

  put(key: string, kind: OutboxKind): void {
    const fits = this.#outbox.put(key, kind, this.#now());
    // What is under way is kept until it is taken, so it counts too.
    if (!fits || this.depth > this.#options.outboxLimit) this.#overflow();
    this.#plan();
  }

  /** The peer answered a probe. */
  wake({ recovered, newRun }: { readonly recovered: boolean; readonly newRun: boolean }): void {
    if (newRun || (recovered && this.#repair === 'after-recovery')) this.#wantRepair();
    if (this.#phase === 'given-up') {
      const waitMs = recovered ? secondChanceMs : this.#options.retryGivenUpMs;
      const remainingMs = Math.max(this.#phaseSinceMs + waitMs, this.#restUntilMs) - this.#now();
      if (newRun || remainingMs <= 0) this.#resume();
      else if (recovered) this.#planIn(remainingMs, () => this.#resume());
      return;
    }
    // Only a new run cuts the back-off short: a peer can answer every probe and break every other call.
    if (this.#phase === 'backing-off' && newRun) this.#resume();
    else this.#plan();
  }

  /** Sends what waits without collecting any longer. Resolves when all is sent or the peer is given up. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#draining.push(resolve);
      this.#plan();
      this.#settleDrain();
    });
  }

  stop(): void {
    this.#enter('stopped');
    this.#settleDrain();
  }

  #resume(): void {
    this.#failures = 0;
    this.#enter('idle');
    this.#plan();
  }

  #enter(phase: Phase): void {
    this.#planned?.cancel();
    this.#planned = undefined;
    this.#phase = phase;
    this.#phaseSinceMs = this.#now();
  }

  /** Plans the next sending as soon as something is due. */
  #plan(): void {
    if (this.#phase !== 'idle') return;
    const delayMs = this.#dueInMs();
    if (delayMs !== undefined) this.#planIn(delayMs, () => this.#run());
  }

  #planIn(delayMs: number, task: () => void): void {
    const atMs = this.#now() + delayMs;
    if (this.#planned !== undefined && this.#planned.atMs <= atMs) return;
    this.#planned?.cancel();
    const run = (): void => {
      this.#planned = undefined;
      task();
    };
    const { scheduler } = this.#options;
    this.#planned = { atMs, cancel: delayMs <= 0 ? scheduler.soon(run) : scheduler.after(delayMs, run) };
  }

  /** Records leave at once; renewals wait for the interval, or until enough of them wait. */
  #dueInMs(): number | undefined {
    if (this.#outbox.records > 0 || this.#repair === 'wanted' || this.#offer !== undefined) return 0;
    return this.#renewalsDueInMs();
  }

  #renewalsDueInMs(): number | undefined {
    const { batchSize, batchIntervalMs } = this.#options;
    const oldest = this.#outbox.oldestRenewalMs;
    if (oldest === undefined) return undefined;
    if (this.#draining.length > 0 || this.#outbox.renewals >= batchSize || this.#offerIsHeldUp) return 0;
    return Math.max(0, oldest + batchIntervalMs - this.#now());
  }

  #run(): void {
    this.#enter('sending');
    void this.#sendDue();
  }

  async #sendDue(): Promise<void> {
    while (this.#phase === 'sending') {
      this.#feedOffer();
      const kind = this.#nextKind();
      if (kind === undefined) break;
      this.#lastKind = kind;
      this.#inFlight = this.#outbox.take(kind, limits.batchItems);
      const { outcome, undelivered } = await this.#options.send(kind, this.#inFlight);
      this.#inFlight = [];
      if (outcome !== undefined) this.#judge(outcome, kind, undelivered);
    }
    if (this.#phase !== 'sending') return;
    this.#enter('idle');
    this.#settleDrain();
    this.#plan();
  }

  /** Renewals that are due take turns with records, so that neither keeps the other waiting. */
  #nextKind(): OutboxKind | undefined {
    const renewals = this.#renewalsDueInMs() === 0;
    if (this.#outbox.records > 0 && !(renewals && this.#lastKind === 'record')) return 'record';
    return renewals ? 'renewal' : undefined;
  }

  #judge(outcome: Outcome, kind: OutboxKind, undelivered: readonly OutboxItem[]): void {
    this.peer.delivered(outcome.kind === 'delivered');
    if (this.#phase === 'stopped') return;
    if (undelivered.length > 0 && !this.#outbox.giveBack(kind, undelivered)) this.#overflow();
    if (outcome.kind === 'delivered') {
      this.#failures = 0;
      this.#rejectedFor = undefined;
    } else if (outcome.kind === 'rejected') {
      this.#rejected(outcome.reason);
    } else {
      this.#failed(outcome.reason, outcome.afterMs ?? 0);
    }
  }

  #rejected(reason: string): void {
    if (this.#repair === 'none') this.#repair = 'after-recovery';
    if (this.#rejectedFor === reason) return;
    this.#rejectedFor = reason;
    this.#options.logger.error(
      `Peer ${this.peer.address} refuses replication, which is not tried again: ${reason}`,
    );
  }

  #failed(reason: string, afterMs: number): void {
    const { logger, maxRetries, random, gaveUp } = this.#options;
    this.#failures += 1;
    this.#restUntilMs = this.#now() + afterMs;
    if (this.#failures > maxRetries) {
      logger.warn(`Replication to ${this.peer.address} pauses until it answers: ${reason}`, {
        waiting: this.depth,
      });
      this.#enter('given-up');
      this.#settleDrain();
      gaveUp(this.peer);
      return;
    }
    this.#enter('backing-off');
    this.#planIn(Math.max(afterMs, backoffMs(this.#failures, random)), () => this.#run());
  }

  #overflow(): void {
    this.#options.logger.warn(
      `The outbox of ${this.peer.address} is full: the peer will be offered the whole table`,
    );
    this.#options.overflowed(this.peer);
    this.#outbox.clear();
    this.#wantRepair();
  }

  #wantRepair(): void {
    this.#repair = 'wanted';
    this.#offer = undefined;
  }

  /** A page of the table is half an outbox: with more than the other half waiting, it would not fit. */
  get #offerIsHeldUp(): boolean {
    return this.#offer !== undefined && this.#outbox.size > Math.floor(this.#options.outboxLimit / 2);
  }

  /** Keeps the outbox supplied while the table is offered. */
  #feedOffer(): void {
    if (this.#repair === 'wanted') {
      this.#repair = 'none';
      this.#offer = new TableOffer(this.#options.tableKeys());
      this.#options.repairing(this.peer);
    }
    if (this.#offer === undefined || this.#outbox.records > 0 || this.#offerIsHeldUp) return;
    const size = Math.max(1, Math.min(offerPage, Math.floor(this.#options.outboxLimit / 2)));
    if (this.#offer.finished) {
      this.#offer = undefined;
      this.#repairedWallMs = this.#options.clock.wallMs();
      return;
    }
    for (const key of this.#offer.page(size)) this.#outbox.put(key, 'record', this.#now());
  }

  #settleDrain(): void {
    const waiting = this.#phase === 'sending' || this.#phase === 'backing-off' || this.#outbox.size > 0;
    if (waiting && this.#phase !== 'given-up' && this.#phase !== 'stopped') return;
    for (const resolve of this.#draining) resolve();
    this.#draining = [];
  }

  #now(): number {
    return this.#options.clock.monotonicMs();
  }
}
