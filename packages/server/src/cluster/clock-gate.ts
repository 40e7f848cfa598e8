import type { Clock, Logger } from '@artemis/core';
import type { Peer } from './peer.js';
import type { SteadyWallClock } from './wall-clock.js';

/** A clock that was wrong must come this much closer than it had to be, so that one at the limit does not flap. */
const closeEnough = 0.9;

interface ClockGateOptions {
  readonly clock: Clock;
  readonly wall: SteadyWallClock;
  readonly logger: Logger;
  /** How far apart any two clocks of the cluster may be, ms. */
  readonly maxDriftMs: number;
  readonly peers: () => readonly Peer[];
  /** The peers find this node's clock right; `again`: they did not before. */
  readonly right: (again: boolean) => void;
}

/**
 * Whether this node's wall clock is that of its peers, by the clocks that their probes tell. While it is not, the node
 * takes no writes and follows its wall clock whichever way that jumps:
 *
 * ```
 *   unknown --probes--> right <--close to the median of the peers-- wrong
 *                         +------far from the median of the peers-----^
 * ```
 *
 * A node whose peers are all gone has nothing that proves it wrong, and serves.
 */
export class ClockGate {
  readonly #options: ClockGateOptions;
  #verdict: 'unknown' | 'right' | 'wrong' = 'unknown';
  /** Whether the clock has been wrong since it was right the last time. */
  #wasWrong = false;
  #offsetMs = 0;

  constructor(options: ClockGateOptions) {
    this.#options = options;
  }

  /** Why the gate is closed, `undefined` while it is open. */
  get reason(): string | undefined {
    if (this.#verdict !== 'wrong') return undefined;
    return `the clock of this node is ${describe(this.#offsetMs)} those of its peers`;
  }

  /** How far this node's wall clock is ahead of the median of its peers, ms; 0 when nothing is known of them. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Call after each probe. */
  review(): void {
    const { wall, maxDriftMs } = this.#options;
    if (this.#verdict === 'wrong') wall.readNow();
    const offsetMs = this.#measure();
    this.#offsetMs = offsetMs ?? 0;
    if (offsetMs === undefined) {
      this.#become('unknown');
      return;
    }
    const limitMs = (maxDriftMs / 2) * (this.#verdict === 'wrong' ? closeEnough : 1);
    this.#become(Math.abs(offsetMs) > limitMs ? 'wrong' : 'right');
  }

  #become(verdict: 'unknown' | 'right' | 'wrong'): void {
    if (verdict === this.#verdict) return;
    const { logger, right } = this.#options;
    const before = this.#verdict;
    this.#verdict = verdict;
    if (verdict === 'wrong') {
      this.#wasWrong = true;
      logger.error(
        `The clock of this node is ${describe(this.#offsetMs)} those of its peers: no writes until it is right`,
      );
    } else if (before === 'wrong') {
      const why =
        verdict === 'right'
          ? 'The clock of this node is right again'
          : 'No peer is left to compare clocks with';
      logger.info(`${why}: writes are taken`);
    }
    if (verdict !== 'right') return;
    const again = this.#wasWrong;
    this.#wasWrong = false;
    right(again);
  }

  /** Of an even number of peers the middle one nearer to this node counts. */
  #measure(): number | undefined {
    const { clock, wall, peers } = this.#options;
    const now = { monotonicMs: clock.monotonicMs(), wallMs: wall.wallMs() };
    const leads = peers()
      .filter(({ state }) => state === 'alive' || state === 'suspect')
      .flatMap((peer) => peer.wallLeadMs(now) ?? [])
      .sort((a, b) => a - b);
    const middle = [leads[Math.ceil(leads.length / 2) - 1], leads[Math.floor(leads.length / 2)]];
    const [lead] = middle.filter((one) => one !== undefined).sort((a, b) => Math.abs(a) - Math.abs(b));
    return lead === undefined ? undefined : 0 - lead;
  }
}

function describe(offsetMs: number): string {
  return `${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${offsetMs > 0 ? 'ahead of' : 'behind'}`;
}
