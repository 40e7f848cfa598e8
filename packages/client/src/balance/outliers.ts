import type { Clock } from '@artemis/core';
import type { DiscoveredInstance } from '../discovered-instance.js';
import type { CallOutcome } from './pick-options.js';

/** When an address that fails is left out, and for how long. */
export interface OutlierOptions {
  /** Failures in a row after which an address is left out. Default 1: the caller decides what a failure is. */
  readonly failures?: number;
  /** The first time out in ms. It doubles with every further failure. Default 1 000. */
  readonly firstMs?: number;
  /** The longest time out in ms. Default 60 000. */
  readonly longestMs?: number;
  /** The share of the instances that may be left out at once, 0 to 1. Default 0.5. */
  readonly share?: number;
}

interface Standing {
  /** In a row. */
  failures: number;
  /** Monotonic ms of the last one that counted. */
  lastMs: number;
  /** Monotonic ms until which it is left out. */
  untilMs: number;
}

/** Addresses that are remembered at once; the one that failed longest ago is forgotten first. */
const maxRemembered = 1000;

/**
 * Addresses that the caller reports as failing:
 *
 * ```
 *          failure (the n-th in a row)          its time is over
 *   good ──────────────────────────────▶ out ─────────────────────▶ on trial ──failure──▶ out, twice as long
 *    ▲                                    │                             │
 *    └──────────── success ───────────────┴───── success, or quiet ─────┘
 * ```
 *
 * Going by the address and not by the key, an instance that moves begins anew.
 */
export class Outliers {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #firstMs: number;
  readonly #longestMs: number;
  readonly #share: number;
  /** By address; those in good standing are not in it. Ordered by last failure. */
  readonly #failing = new Map<string, Standing>();

  constructor(clock: Clock, options: OutlierOptions = {}) {
    this.#clock = clock;
    this.#limit = options.failures ?? 1;
    this.#firstMs = options.firstMs ?? 1000;
    this.#longestMs = options.longestMs ?? 60_000;
    this.#share = options.share ?? 0.5;
  }

  report({ url }: DiscoveredInstance, outcome: CallOutcome): void {
    if (outcome === 'success') {
      this.#failing.delete(url);
      return;
    }
    const nowMs = this.#clock.monotonicMs();
    const known = this.#failing.get(url);
    // Calls that were under way when it was put out fail after that: it is one and the same trouble.
    if (known !== undefined && nowMs < known.untilMs) return;
    const failures = known === undefined || this.#isOver(known, nowMs) ? 1 : known.failures + 1;
    const untilMs = failures < this.#limit ? 0 : nowMs + this.#timeOutMs(failures - this.#limit);
    this.#failing.delete(url);
    this.#failing.set(url, { failures, lastMs: nowMs, untilMs });
    const [oldest] = this.#failing.keys();
    if (this.#failing.size > maxRemembered && oldest !== undefined) this.#failing.delete(oldest);
  }

  /**
   * The instances without those that are out. At most the given share is left out, at least one when there are two, and
   * never the last one: when everything seems to fail, the trouble is likely the caller's own, and calling anybody is
   * better than calling nobody. Those with the fewest failures come back first.
   */
  without(instances: readonly DiscoveredInstance[]): readonly DiscoveredInstance[] {
    if (this.#failing.size === 0) return instances;
    const nowMs = this.#clock.monotonicMs();
    const out = instances.filter(({ url }) => nowMs < (this.#failing.get(url)?.untilMs ?? 0));
    if (out.length === 0) return instances;
    const most = Math.min(instances.length - 1, Math.max(1, Math.floor(instances.length * this.#share)));
    const failuresOf = ({ url }: DiscoveredInstance) => this.#failing.get(url)?.failures ?? 0;
    const excluded = new Set(out.sort((a, b) => failuresOf(b) - failuresOf(a)).slice(0, most));
    return instances.filter((instance) => !excluded.has(instance));
  }

  #timeOutMs(doublings: number): number {
    return Math.min(this.#longestMs, this.#firstMs * 2 ** doublings);
  }

  /** Callers that only report failures would otherwise carry one of long ago for ever. */
  #isOver({ lastMs, untilMs }: Standing, nowMs: number): boolean {
    return nowMs >= Math.max(lastMs, untilMs) + this.#longestMs;
  }
}
