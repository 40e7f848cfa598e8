import type { Clock, Logger, Random, Scheduler } from '@artemis/core';
import type { Peer } from '../cluster/peer.js';
import { PlannedTask } from '../planned-task.js';
import type { Compared, Comparison } from './comparison.js';
import type { TableDigest } from './digest.js';
import { QueryError } from './peer-queries.js';

/** Rest after the first failure in a row, doubled by each further one, and the longest. */
const firstRestMs = 1000;
const longestRestMs = 8000;
/** Of two nodes that find each other again, the one that is first by name has so much of a head start. */
const headStartMs = 200;
/** A peer that asked so lately is at it: it makes both equal. */
const askingMs = 300;
/** How often in a row a comparison is put off because of that: a peer may ask and ask, and get nowhere. */
const mostPutOff = 10;
/** A peer that knows no digests is not offered the whole table more often. */
const offerSpacingMs = 60_000;
/** How soon a peer that joins is asked again whether it has. */
const joinWatchMs = 250;
/** Between two comparisons with one peer, whatever happens. */
const breathMs = 200;

/** Why everything has to be compared, at once. */
type Cause = 'back' | 'missed';

export interface PeerRepairOptions {
  readonly peer: Peer;
  readonly ownNodeId: string;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly logger: Logger;
  readonly digest: TableDigest;
  readonly comparison: Comparison;
  readonly intervalMs: number;
  readonly probeIntervalMs: number;
  /** While this node joins, its joining decides when to compare. */
  readonly paused: () => boolean;
  readonly unanswered: (reason: string) => void;
  /** Asks the peer again how it is. */
  readonly probe: () => void;
  readonly ended: (result: Compared['result'] | 'failed', moved: Moved, seconds: number) => void;
}

type Moved = Pick<Compared, 'fetched' | 'given'>;

/** What became of a comparison. `forbidden`: the peer does not take this node for one of its cluster. */
export type Ending = 'done' | 'forbidden' | 'failed';

/**
 * When to compare this node with one peer.
 *
 * ```
 *               +--- it recovered, started anew, or missed changes: at once, everything ------+
 *               |                                                                             v
 *   resting ----+--- its probe differs, or the interval is over: only what lasts ------> comparing
 *      ^                                                                                      |
 *      +--- done: until the interval is over ---+--- failed: until its rest is over ----------+
 * ```
 */
export class PeerRepair {
  readonly #options: PeerRepairOptions;
  readonly #planned: PlannedTask;
  readonly #joinWatch: PlannedTask;
  #cause: Cause | undefined;
  /** Of the comparison that runs. */
  #handled: Cause | undefined;
  #running = false;
  #stopped = false;
  #failures = 0;
  #failure: Ending = 'failed';
  #checkedMs = -Infinity;
  #askedMs = -Infinity;
  #putOff = 0;
  #offeredMs = -Infinity;
  #equal: { readonly is: boolean; readonly sinceMs: number } | undefined;
  /** When the peer last missed something, monotonic ms. */
  #missedMs = -Infinity;
  #repairedWallMs: number | undefined;

  constructor(options: PeerRepairOptions) {
    this.#options = options;
    this.#planned = new PlannedTask(options.clock, options.scheduler);
    this.#joinWatch = new PlannedTask(options.clock, options.scheduler);
    this.#planInterval();
  }

  /** Whether the peer is to be compared because of something that happened. */
  get pending(): boolean {
    return (this.#cause ?? this.#handled) !== undefined;
  }

  /** Whether both held the same when that was last seen; `undefined` before that. */
  get equal(): boolean | undefined {
    return this.#equal?.is;
  }

  /** When a difference was last exchanged, unix ms. */
  get repairedWallMs(): number | undefined {
    return this.#repairedWallMs;
  }

  /** The peer answered a probe. */
  seen({ recovered, newRun }: { readonly recovered: boolean; readonly newRun: boolean }): void {
    const { peer, digest, comparison, intervalMs, probeIntervalMs } = this.#options;
    const root = peer.identity?.root_digest;
    if (root !== undefined) this.#note(root === digest.root);
    if (recovered) this.#failures = Math.min(this.#failures, 1);
    if (newRun) {
      this.#failures = 0;
      comparison.startOver();
    }
    if (peer.identity?.synced === false) this.#joinWatch.in(joinWatchMs, () => this.#options.probe());
    if (!this.#isOpen || this.#isEqual) return;
    if (recovered || newRun) this.#cause ??= 'back';
    if (this.pending) this.#due(this.#isFirst ? 0 : headStartMs);
    else if (root !== undefined)
      this.#due(this.#checkedMs + Math.min(intervalMs, probeIntervalMs) / 2 - this.#now());
  }

  /** The peer will not be sent some changes: at once, unless it refuses whatever it is sent. */
  missed(why: 'overflow' | 'refused'): void {
    const { peer, logger } = this.#options;
    // A small outbox is full again with every change, until the exchange.
    if (why === 'overflow' && this.#cause !== 'missed')
      logger.warn(`The outbox of ${peer.address} is full: an exchange will find what the peer lacks`);
    this.#cause = 'missed';
    this.#missedMs = this.#now();
    if (why === 'overflow' && this.#isOpen) this.#due(0);
  }

  /** The peer asked for digests: it compares itself with this node. */
  asked(): void {
    this.#askedMs = this.#now();
  }

  /** This node has joined. */
  resume(): void {
    if (this.#isOpen && !this.#isEqual) this.#due(this.#isFirst ? 0 : headStartMs);
  }

  /** Compares everything now. Never rejects. */
  async now(): Promise<Ending> {
    if (this.#running || this.#stopped) return 'failed';
    this.#cause ??= 'back';
    return this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#planned.cancel();
    this.#joinWatch.cancel();
  }

  /** A peer that joins compares by itself. */
  get #isOpen(): boolean {
    const { peer, paused } = this.#options;
    return !paused() && peer.state === 'alive' && peer.identity?.synced !== false;
  }

  get #isEqual(): boolean {
    if (this.#equal?.is !== true) return false;
    return this.#equal.sinceMs > Math.max(this.#missedMs, this.#now() - this.#options.intervalMs);
  }

  get #isFirst(): boolean {
    const { peer, ownNodeId } = this.#options;
    return ownNodeId < (peer.identity?.node_id ?? '\uffff');
  }

  /** Whatever was missed: equal tables miss nothing of each other. */
  #note(is: boolean): void {
    this.#equal = { is, sinceMs: this.#now() };
    if (is) this.#cause = undefined;
  }

  /** In that time, though not while the peer rests after failures. */
  #due(delayMs: number): void {
    if (this.#stopped || this.#running) return;
    const doubled = Math.min(longestRestMs, firstRestMs * 2 ** (this.#failures - 1));
    const restUntilMs = this.#checkedMs + (this.#failures === 0 ? breathMs : doubled);
    this.#planned.in(Math.max(0, delayMs, restUntilMs - this.#now()), () => this.#start());
  }

  #planInterval(): void {
    const { intervalMs, random } = this.#options;
    this.#due(intervalMs * (0.75 + random.next() / 2));
  }

  #start(): void {
    if (this.#running) return;
    if (!this.#isOpen || this.#isHopeless || this.#isEqual) this.#planInterval();
    else if (this.#askedMs > this.#now() - askingMs && this.#putOff < mostPutOff) {
      this.#putOff += 1;
      this.#due(askingMs);
    } else void this.#run();
  }

  /** A peer that knows no digests: it is offered the table when there is a cause, and not too often. */
  get #isHopeless(): boolean {
    if (this.#options.peer.identity?.root_digest !== undefined) return false;
    return !this.pending || this.#offeredMs > this.#now() - offerSpacingMs;
  }

  async #run(): Promise<Ending> {
    const { comparison } = this.#options;
    const startMs = this.#now();
    this.#handled = this.#cause;
    this.#cause = undefined;
    this.#putOff = 0;
    this.#running = true;
    const compared = await comparison
      .run(this.#handled !== undefined)
      .catch((error: unknown) => this.#failed(error));
    this.#running = false;
    this.#checkedMs = this.#now();
    if (compared === undefined) this.#cause ??= this.#handled;
    this.#handled = undefined;
    if (this.#stopped) return 'failed';
    this.#took(compared, (this.#checkedMs - startMs) / 1000);
    if (this.pending) this.#due(0);
    else this.#planInterval();
    return compared === undefined ? this.#failure : 'done';
  }

  #took(compared: Compared | undefined, seconds: number): void {
    const { clock, ended } = this.#options;
    if (compared === undefined) {
      ended('failed', { fetched: 0, given: 0 }, seconds);
      return;
    }
    this.#failures = 0;
    if (compared.equal !== undefined) this.#note(compared.equal);
    if (compared.result === 'offered') this.#offeredMs = this.#checkedMs;
    if (compared.result !== 'equal') this.#repairedWallMs = clock.wallMs();
    ended(compared.result, compared, seconds);
  }

  #failed(error: unknown): undefined {
    if (!(error instanceof QueryError)) throw error;
    const { peer, logger, unanswered } = this.#options;
    this.#failures += 1;
    this.#failure = error.kind === 'forbidden' ? 'forbidden' : 'failed';
    logger.debug(`The exchange with ${peer.address} failed: ${error.message}`);
    if (error.kind === 'unanswered' && !this.#stopped) unanswered(error.message);
    return undefined;
  }

  #now(): number {
    return this.#options.clock.monotonicMs();
  }
}
