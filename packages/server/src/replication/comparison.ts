import type { Clock, Scheduler } from '@artemis/core';
import { delay } from '@artemis/core';
import type { Exchange, Walked } from './exchange.js';
import { Patience } from './patience.js';
import { QueryError } from './peer-queries.js';

/** How a comparison ended. */
export interface Compared extends Pick<Walked, 'fetched' | 'given'> {
  /** `equal`: nothing that lasts differs; `walked`: what differed was exchanged; `offered`: the peer knows no digests. */
  readonly result: 'equal' | 'walked' | 'offered';
  /** Whether the tables are equal now; `undefined` when the peer does not tell. */
  readonly equal: boolean | undefined;
}

interface ComparisonOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly scheduler: Scheduler;
  readonly settleMs: number;
  /** How long a bucket rests that cannot be made equal, at first. */
  readonly restMs: number;
  /** @param all whether changes that are under way are exchanged too */
  readonly exchange: (all: boolean) => Exchange;
  /** Sends the whole table; answers whether the peer took it. */
  readonly offerTable: () => Promise<boolean>;
}

/** Compares this node with one peer and exchanges what differs, leaving out what is under way and what is hopeless. */
export class Comparison {
  readonly #options: ComparisonOptions;
  readonly #patience: Patience;

  constructor(options: ComparisonOptions) {
    this.#options = options;
    this.#patience = new Patience(options.clock, options.restMs);
  }

  /** The peer is another one now. */
  startOver(): void {
    this.#patience.clear();
  }

  /**
   * @param all whether everything that differs is exchanged at once, instead of what still differs after `settleMs`
   * @throws QueryError when the peer does not go along
   */
  async run(all: boolean): Promise<Compared> {
    try {
      return await this.#compare(this.#options.exchange(all), all);
    } catch (error) {
      if (!(error instanceof QueryError) || error.kind !== 'unsupported') throw error;
    }
    if (!(await this.#options.offerTable())) throw new QueryError('refused', 'it did not take the table');
    return { result: 'offered', equal: undefined, fetched: 0, given: 0 };
  }

  async #compare(exchange: Exchange, all: boolean): Promise<Compared> {
    const { settleMs } = this.#options;
    let summary = await exchange.summary();
    let due = this.#patience.of(summary.differ);
    if (due.length > 0 && !all) {
      const before = new Set(due);
      await delay(this.#options.scheduler, settleMs);
      summary = await exchange.summary();
      due = this.#patience.of(summary.differ).filter((bucket) => before.has(bucket));
    }
    if (due.length === 0) return { result: 'equal', equal: summary.equal, fetched: 0, given: 0 };
    const { fetched, given, left, clockRefused } = await exchange.walk(due);
    if (left === 0) this.#patience.walked(due);
    this.#patience.rest(clockRefused);
    const after = await exchange.summary();
    this.#patience.seen(after.differ);
    return { result: 'walked', equal: after.equal, fetched, given };
  }
}
