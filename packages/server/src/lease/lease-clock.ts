import type { Cancel, Clock, Scheduler } from '@artemis/core';

/** More than this between two looks at the clock: the node was held up, and could hear nobody meanwhile. */
const longestStepMs = 1000;
/** For so long after a restart what is read may have waited for the node while it stood still. */
const catchingUpMs = 1000;
/** How long a jump of the wall clock waits for peers to say whether it is right. */
const verdictWithinMs = 60_000;

interface LeaseClockOptions {
  readonly clock: Clock;
  readonly scheduler: Pick<Scheduler, 'soon'>;
  /** A node that was held up for longer than this is as good as started anew. */
  readonly restartAfterMs: number;
  /**
   * It was. Told in a turn of its own.
   *
   * @param sinceMs lease time; what happened later happened after the gap
   */
  readonly restarted: (sinceMs: number) => void;
  /** The node was held up, and the leases are given the time. */
  readonly credited?: (gapMs: number) => void;
  /**
   * Whether the wall clocks of those peers that told theirs after a monotonic time are close to that moment of this node;
   * `undefined` while none has.
   */
  readonly wallAgrees?: (here: Moment, sinceMonotonicMs: number) => boolean | undefined;
}

interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/**
 * The time in which leases run: monotonic, but it stands still while the node does. A process that was stopped finds its
 * timers due before it reads the heartbeats that were sent to it meanwhile: without this it would expire everybody.
 *
 * A gap is found by whoever looks first, a heartbeat or the timer of the leases, which looks every quarter of a second.
 */
export class LeaseClock {
  readonly #options: LeaseClockOptions;
  #lookedMs: number;
  #creditMs = 0;
  #wallOffsetMs: number;
  /** A jump of the wall clock that may have been a suspension, which the monotonic clock does not see. */
  #jumpedAtMs: number | undefined;
  #restartedMs = -Infinity;
  #telling: Cancel | undefined;

  constructor(options: LeaseClockOptions) {
    this.#options = options;
    this.#lookedMs = options.clock.monotonicMs();
    this.#wallOffsetMs = options.clock.wallMs() - this.#lookedMs;
  }

  /** Looks without asking how long ago the last look was: what took long until here was the start of the node. */
  begin(): void {
    this.#lookedMs = this.#options.clock.monotonicMs();
    this.#wallOffsetMs = this.#options.clock.wallMs() - this.#lookedMs;
  }

  /** Lease time, ms. */
  nowMs(): number {
    return this.leaseMs(this.monotonicMs());
  }

  /** In lease time, what {@link LeaseClock.monotonicMs} has just answered. */
  leaseMs(monotonicMs: number): number {
    return monotonicMs - this.#creditMs;
  }

  /** The time that really passed: for ages, which others are told. */
  monotonicMs(): number {
    const now = this.#options.clock.monotonicMs();
    const gapMs = now - this.#lookedMs;
    this.#lookedMs = now;
    if (gapMs > longestStepMs) this.#credit(gapMs);
    return now;
  }

  /**
   * Whether the node is as good as started anew, and only just: requests that it reads now were sent to a node that did
   * not answer, perhaps so long ago that everybody else has forgotten since what became of their subject.
   */
  get catchingUp(): boolean {
    return this.monotonicMs() - this.#restartedMs < catchingUpMs;
  }

  /** For the timer: looks for a suspension as well. */
  tick(): void {
    const monotonicMs = this.monotonicMs();
    const wallMs = this.#options.clock.wallMs();
    const before = { monotonicMs, wallMs: monotonicMs + this.#wallOffsetMs };
    this.#wallOffsetMs = wallMs - monotonicMs;
    const leapMs = wallMs - before.wallMs;
    if (leapMs > this.#options.restartAfterMs) this.#jumped(before);
    // It is put back, and right because of that: the clock was wrong for a while, and the node never stood still.
    else if (leapMs < -this.#options.restartAfterMs) this.#jumpedAtMs = undefined;
    if (this.#jumpedAtMs === undefined) return;
    const verdict = this.#options.wallAgrees?.({ monotonicMs, wallMs }, this.#jumpedAtMs);
    if (verdict === true) this.#restart();
    if (verdict !== undefined || monotonicMs - this.#jumpedAtMs > verdictWithinMs)
      this.#jumpedAtMs = undefined;
  }

  stop(): void {
    this.#telling?.();
  }

  /** A clock that was wrong and is put right was no suspension: peers had another time before, too. */
  #jumped(before: Moment): void {
    const wasRight = this.#options.wallAgrees?.(before, -Infinity) !== false;
    if (wasRight) this.#jumpedAtMs = before.monotonicMs;
  }

  #credit(gapMs: number): void {
    this.#creditMs += gapMs;
    this.#options.credited?.(gapMs);
    if (gapMs > this.#options.restartAfterMs) this.#restart();
  }

  /** Whoever looks at the clock may be in the middle of a change of the table. */
  #restart(): void {
    this.#restartedMs = this.#lookedMs;
    const sinceMs = this.#lookedMs - this.#creditMs;
    this.#telling?.();
    this.#telling = this.#options.scheduler.soon(() => this.#options.restarted(sinceMs));
  }
}
