import type { Clock, Logger, Random, Scheduler } from '@artemis/core';
import { limits } from '@artemis/core';
import type { Peer } from '../cluster/peer.js';
import { PlannedTask } from '../planned-task.js';
import { backoffMs } from './backoff.js';
import type { Sent } from './delivery.js';
import { Gift } from './gift.js';
import { Outbox, type OutboxItem, type OutboxKind } from './outbox.js';

/** A peer that was given up and then answers a probe is tried again after this long. */
const secondChanceMs = 1000;
/** Of changes younger than this a peer that joins may not be told when it asks what it lacks. */
const freshMs = 1000;
/**
 * A change that follows another one this closely shares the next request with those that come meanwhile: with a request
 * for each, a node that takes a thousand changes a second does little else than to call its peers.
 */
const spacingMs = 2;
/** Keys of a gift that are put into the outbox at once. */
const giftPage = 1000;

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
  /** The peer took nothing; what it takes next is asked by a probe. */
  readonly gaveUp: (peer: Peer) => void;
  /** The peer will never be sent some changes: its outbox was too small for them, or it refused them. */
  readonly missed: (peer: Peer, why: 'overflow' | 'refused') => void;
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
 * outbox could not hold, or the peer refused, is left to an exchange, which gives the peer what it finds missing.
 */
export class ReplicationWorker {
  readonly #options: WorkerOptions;
  readonly #outbox: Outbox;
  readonly #planned: PlannedTask;
  #phase: Phase = 'given-up';
  #phaseSinceMs = -Infinity;
  #failures = 0;
  /** Until when the peer asked to be left alone, monotonic ms. */
  #restUntilMs = -Infinity;
  #rejectedFor: string | undefined;
  #lastKind: OutboxKind = 'renewal';
  /** When records left last, monotonic ms. */
  #recordsLeftMs = -Infinity;
  #inFlight: readonly OutboxItem[] = [];
  #gift: Gift | undefined;
  #draining: (() => void)[] = [];

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.outboxLimit);
    this.#planned = new PlannedTask(options.clock, options.scheduler);
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

  put(item: OutboxItem, kind: OutboxKind): void {
    const fits = this.#outbox.put(item, kind);
    // What is under way is kept until it is taken, so it counts too.
    if (!fits || this.depth > this.#options.outboxLimit) this.#overflow();
    const waiting = kind === 'record' ? this.#outbox.records : this.#outbox.renewals;
    // One that joins others leaves with them, which has been planned, unless they are just enough now.
    if (waiting === 1 || waiting === this.#options.batchSize) this.#plan();
  }

  /** A renewal that waits tells nothing any more. */
  dropRenewal(key: string): void {
    this.#outbox.dropRenewal(key);
  }

  /** The peer started anew and asks for all that it lacks: what waits for it from before would come twice. */
  forgetOld(): void {
    this.#outbox.dropOlder(this.#now() - freshMs);
  }

  /** Sends these records too, as the outbox has room. One gift at a time. Answers whether the peer took all. */
  async give(keys: readonly string[]): Promise<boolean> {
    if (keys.length === 0) return true;
    // It has just said what it lacks: it is not made to wait until it would be tried again anyhow.
    const isBack = this.peer.state === 'alive' && this.#restUntilMs <= this.#now();
    if (this.#phase === 'given-up' && isBack) this.#resume();
    if (this.#gift !== undefined || this.#phase === 'given-up' || this.#phase === 'stopped') return false;
    this.#gift = new Gift(keys);
    this.#plan();
    return this.#gift.taken;
  }

  /** The peer answered a probe. */
  wake({ recovered, newRun }: { readonly recovered: boolean; readonly newRun: boolean }): void {
    if (this.#phase === 'given-up') {
      const waitMs = recovered ? secondChanceMs : this.#options.retryGivenUpMs;
      const remainingMs = Math.max(this.#phaseSinceMs + waitMs, this.#restUntilMs) - this.#now();
      if (newRun || remainingMs <= 0) this.#resume();
      else if (recovered) this.#planned.in(remainingMs, () => this.#resume());
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
    this.#planned.cancel();
    this.#phase = phase;
    this.#phaseSinceMs = this.#now();
    if (phase === 'given-up' || phase === 'stopped') this.#failGift();
  }

  /** Plans the next sending as soon as something is due. */
  #plan(): void {
    if (this.#phase !== 'idle') return;
    const delayMs = this.#dueInMs();
    if (delayMs !== undefined) this.#planned.in(delayMs, () => this.#run());
  }

  #dueInMs(): number | undefined {
    const dueMs = Math.min(this.#recordsDueInMs() ?? Infinity, this.#renewalsDueInMs() ?? Infinity);
    return dueMs === Infinity ? undefined : dueMs;
  }

  /** At once, unless others have just left. */
  #recordsDueInMs(): number | undefined {
    const { records } = this.#outbox;
    if (records === 0 && this.#gift?.handedOver !== false) return undefined;
    const isUrgent = this.#gift !== undefined || this.#draining.length > 0;
    if (isUrgent || records >= this.#options.batchSize) return 0;
    return Math.max(0, this.#recordsLeftMs + spacingMs - this.#now());
  }

  /** They wait for the interval, or until enough of them wait. */
  #renewalsDueInMs(): number | undefined {
    const { batchSize, batchIntervalMs } = this.#options;
    const oldest = this.#outbox.oldestRenewalMs;
    if (oldest === undefined) return undefined;
    if (this.#draining.length > 0 || this.#outbox.renewals >= batchSize || this.#giftIsHeldUp) return 0;
    return Math.max(0, oldest + batchIntervalMs - this.#now());
  }

  #run(): void {
    this.#enter('sending');
    void this.#sendDue();
  }

  async #sendDue(): Promise<void> {
    while (this.#phase === 'sending') {
      this.#feedGift();
      const kind = this.#nextKind();
      if (kind === undefined) break;
      this.#lastKind = kind;
      if (kind === 'record') this.#recordsLeftMs = this.#now();
      const taken = this.#outbox.take(kind, limits.batchItems);
      this.#inFlight = taken;
      const { outcome, undelivered } = await this.#options.send(kind, taken);
      this.#inFlight = [];
      this.#judge(kind, taken, { outcome, undelivered });
    }
    if (this.#phase !== 'sending') return;
    this.#enter('idle');
    this.#settleDrain();
    this.#plan();
  }

  /** Renewals that are due take turns with records, so that neither keeps the other waiting. */
  #nextKind(): OutboxKind | undefined {
    const renewals = this.#renewalsDueInMs() === 0;
    const records = this.#outbox.records > 0 && this.#recordsDueInMs() === 0;
    if (records && !(renewals && this.#lastKind === 'record')) return 'record';
    return renewals ? 'renewal' : undefined;
  }

  #judge(kind: OutboxKind, taken: readonly OutboxItem[], { outcome, undelivered }: Sent): void {
    if (outcome !== undefined) this.peer.delivered(outcome.kind === 'delivered');
    if (this.#phase === 'stopped') return;
    if (undelivered.length > 0 && !this.#outbox.giveBack(kind, undelivered)) this.#overflow();
    if (outcome?.kind === 'rejected') this.#rejected(outcome.reason);
    else if (outcome?.kind === 'retry') this.#failed(outcome.reason, outcome.afterMs ?? 0);
    else if (outcome !== undefined) {
      this.#failures = 0;
      this.#rejectedFor = undefined;
    }
    if (this.#gift?.delivered(taken, undelivered) === true) this.#gift = undefined;
  }

  #rejected(reason: string): void {
    const { logger, missed } = this.#options;
    this.#failGift();
    missed(this.peer, 'refused');
    if (this.#rejectedFor === reason) return;
    this.#rejectedFor = reason;
    logger.error(`Peer ${this.peer.address} refuses replication, which is not tried again: ${reason}`);
  }

  #failed(reason: string, afterMs: number): void {
    const { logger, maxRetries, random, gaveUp } = this.#options;
    this.#failures += 1;
    this.#restUntilMs = this.#now() + afterMs;
    if (this.#failures > maxRetries) {
      const text = `Replication to ${this.peer.address} pauses until it answers: ${reason}`;
      // That a peer that leaves takes nothing is as it should be.
      if (this.peer.state === 'leaving') logger.info(text, { waiting: this.depth });
      else logger.warn(text, { waiting: this.depth });
      this.#enter('given-up');
      this.#settleDrain();
      gaveUp(this.peer);
      return;
    }
    this.#enter('backing-off');
    this.#planned.in(Math.max(afterMs, backoffMs(this.#failures, random)), () => this.#run());
  }

  #overflow(): void {
    this.#outbox.clear();
    this.#failGift();
    this.#options.missed(this.peer, 'overflow');
  }

  /** A page of a gift is half an outbox: with more than the other half waiting, it would not fit. */
  get #giftIsHeldUp(): boolean {
    return this.#gift?.handedOver === false && this.#outbox.size > Math.floor(this.#options.outboxLimit / 2);
  }

  /** Keeps the outbox supplied while the peer is given something. */
  #feedGift(): void {
    if (this.#gift === undefined || this.#gift.handedOver || this.#giftIsHeldUp) return;
    const size = Math.max(1, Math.min(giftPage, Math.floor(this.#options.outboxLimit / 2)));
    for (const key of this.#gift.page(size)) this.#outbox.put({ key, sinceMs: this.#now() }, 'record');
  }

  #failGift(): void {
    this.#gift?.fail();
    this.#gift = undefined;
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
