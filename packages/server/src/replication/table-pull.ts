import type { RecordsEnvelope, Scheduler } from '@artemis/core';
import { nextTurn, readRecord } from '@artemis/core';
import type { Peer } from '../cluster/peer.js';
import type { RecordIntake } from './intake.js';
import type { PeerQueries } from './peer-queries.js';
import { QueryError } from './peer-queries.js';

/** Records in a page: each costs the donor a request, which its clients wait for, and this node a turn. */
const pageSize = 4000;
/** Records taken in in one turn: a node that joins has no clients that wait. */
const perTurn = 500;

interface TablePullOptions {
  readonly queries: PeerQueries;
  readonly scheduler: Scheduler;
  readonly intake: RecordIntake;
}

/**
 * Brings the whole live table of peers to an empty node, page by page. Pages have the same order on every node, so that
 * what one peer began another one can go on with.
 */
export class TablePull {
  readonly #options: TablePullOptions;
  #cursor: string | undefined;
  #records = 0;
  #done = false;

  constructor(options: TablePullOptions) {
    this.#options = options;
  }

  get done(): boolean {
    return this.#done;
  }

  /** Records that came so far. */
  get records(): number {
    return this.#records;
  }

  /** Goes on with this peer until the last page. @throws QueryError when it does not go along */
  async from(peer: Peer): Promise<void> {
    let page = await this.#ask(peer, this.#cursor);
    for (;;) {
      const { next_cursor: next } = page;
      // A peer that does not get any further would be asked for ever.
      if (next !== undefined && next <= (this.#cursor ?? ''))
        throw new QueryError('refused', 'its pages do not go on');
      const following = next === undefined ? undefined : this.#ask(peer, next);
      // Until it is waited for below, a failure is nobody's.
      following?.catch(() => undefined);
      await this.#takeIn(page.instances, peer);
      if (following === undefined) break;
      this.#cursor = next;
      page = await following;
    }
    this.#done = true;
  }

  #ask(peer: Peer, cursor: string | undefined): Promise<RecordsEnvelope> {
    return this.#options.queries.records(peer, { limit: pageSize, ...(cursor !== undefined && { cursor }) });
  }

  async #takeIn(records: readonly unknown[], peer: Peer): Promise<void> {
    const { intake, scheduler } = this.#options;
    for (const [index, item] of records.entries()) {
      if (index > 0 && index % perTurn === 0) await nextTurn(scheduler);
      const aged = readRecord(item);
      if (aged === undefined) continue;
      intake.accept(aged, peer.address, true);
      this.#records += 1;
    }
  }
}
