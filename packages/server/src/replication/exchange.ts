import type {
  Clock,
  DigestEnvelope,
  InstanceKey,
  ReadVersionedKey,
  RecordsRequest,
  Scheduler,
} from '@artemis/core';
import { delay, readRecord, readVersionedKey, Slices } from '@artemis/core';
import type { Peer } from '../cluster/peer.js';
import type { RegistryRepository } from '../registry/repository.js';
import { leafOf, TableDigest } from './digest.js';
import type { RecordIntake } from './intake.js';
import { diffLeaf } from './leaf-diff.js';
import type { PeerQueries } from './peer-queries.js';
import { QueryError } from './peer-queries.js';
import type { Slots } from './slots.js';

/** Digits of the buckets that a summary tells of. */
const summaryDigits = 2;
/** Buckets asked for at once: the peer reads such a request in one turn, while its clients wait. */
const bucketsAtOnce = 128;

/**
 * Once `enough` records to be fetched, or to be given, have been found, both are done, with so many in a request at `most`
 * where they are fetched; and how long a walk rests after each answer, ms. So are two nodes of a hundred thousand records
 * that differ in a thousand equal within a second or two, and their clients notice little: what a step takes on the threads
 * of either node is over within a millisecond or two.
 */
const gentle = { enough: 40, most: 100, restMs: 35 };
/** From so many records on, and after so many ms, time matters more: nodes that differ mislead those who ask them. */
const gentleRecords = 2000;
const gentleMs = 1200;
const hurried = { enough: 100, most: 150, restMs: 0 };
/** Of a path with its hashes in a request. */
const pathBytes = 300;
/** Most keys or records that are read in one turn. */
const perTurn = 50;

const sixteen = [...'0123456789abcdef'];

interface ExchangeOptions {
  readonly peer: Peer;
  readonly queries: PeerQueries;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly scheduler: Scheduler;
  /** Shared by all peers: what they answer is work. */
  readonly slots: Slots;
  readonly digest: TableDigest;
  readonly repository: RegistryRepository;
  readonly intake: RecordIntake;
  /** Bytes of JSON in one request. */
  readonly maxBytes: number;
  /** Sends records to the peer; answers whether it took all of them. */
  readonly give: (keys: readonly string[]) => Promise<boolean>;
  /** Keys that are left to the outboxes, because their change is under way. */
  readonly underWay: () => ReadonlySet<string>;
}

/** Looks at an answer, which tells of these of the buckets that were asked for. */
type TakeDigest = (answer: DigestEnvelope, answered: ReadonlySet<string>) => Promise<void>;

/** What differs and has not been exchanged yet. */
class Found {
  fetch: InstanceKey[] = [];
  give: string[] = [];
}

/** What a walk found, and did. */
export interface Walked {
  /** When it began, monotonic ms. */
  readonly sinceMs: number;
  fetched: number;
  given: number;
  /** Differences left to the outboxes. */
  left: number;
  /** Buckets of records whose stamp is too far ahead of this node's clock. */
  readonly clockRefused: Set<string>;
}

/**
 * Makes this node and one peer equal: from the buckets that differ down to the keys, then exactly the records that
 * differ, both ways, some at a time. Holds no more than those and one answer of the peer.
 *
 * Every method rejects with a {@link QueryError} when the peer does not go along.
 */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #pathsAtOnce: number;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    const fitting = Math.max(1, Math.floor(options.maxBytes / pathBytes));
    this.#pathsAtOnce = Math.min(bucketsAtOnce, fitting);
  }

  /** Which of the 256 buckets differ now; `equal` when the tables as a whole do not. */
  async summary(): Promise<{ readonly equal: boolean; readonly differ: ReadonlySet<string> }> {
    const differ = new Set<string>();
    let equal = false;
    await this.#inBatches(sixteen, async ({ root, buckets }, asked) => {
      equal = root === this.#options.digest.root;
      for (const path of childrenIn(buckets, asked)) differ.add(path);
    });
    return equal ? { equal, differ: new Set() } : { equal, differ };
  }

  /** @param buckets of a summary */
  async walk(buckets: Iterable<string>): Promise<Walked> {
    const sinceMs = this.#options.clock.monotonicMs();
    const walked: Walked = { sinceMs, fetched: 0, given: 0, left: 0, clockRefused: new Set() };
    const parents: string[] = [];
    await this.#inBatches([...buckets], async (answer, asked) => {
      parents.push(...childrenIn(answer.buckets, asked));
    });
    let found = new Found();
    const diff: TakeDigest = (answer, asked) =>
      this.#options.slots.run(() => this.#diff(answer, asked, walked, found));
    await this.#inBatches(parents, diff, async () => {
      await this.#rest(walked);
      const { enough } = this.#paceOf(walked);
      if (found.fetch.length < enough && found.give.length < enough) return;
      await this.#reconcile(found, walked);
      found = new Found();
    });
    await this.#reconcile(found, walked);
    return walked;
  }

  #compare(path: readonly string[]): Promise<DigestEnvelope> {
    const { peer, queries, digest } = this.#options;
    return queries.digest(peer, {
      path: [...path],
      hashes: path.map((bucket) => digest.childrenOf(bucket)),
    });
  }

  /** Compares all these buckets, again those that an answer had no room for; `between` is what follows each answer. */
  async #inBatches(paths: readonly string[], take: TakeDigest, between?: () => Promise<void>): Promise<void> {
    let waiting = paths;
    let atOnce = this.#pathsAtOnce;
    while (waiting.length > 0) {
      const answered = await this.#batch(waiting.slice(0, atOnce), take);
      waiting = waiting.filter((path) => !answered.has(path));
      // What is asked in vain costs both sides as much as what is answered.
      atOnce = Math.min(this.#pathsAtOnce, answered.size + Math.ceil(answered.size / 8));
      await between?.();
    }
  }

  /** Has one answer taken; a step of its own, so that nothing holds the answer any more while the walk rests. */
  async #batch(paths: readonly string[], take: TakeDigest): Promise<ReadonlySet<string>> {
    const asked = new Set(paths);
    const answer = await this.#compare(paths);
    const answered = new Set(answer.buckets.map(({ path }) => path).filter((path) => asked.has(path)));
    if (answered.size === 0) throw new QueryError('refused', 'it answers for none of the buckets');
    await take(answer, answered);
    return answered;
  }

  async #reconcile({ fetch, give }: Found, walked: Walked): Promise<void> {
    const newer = await this.#fetch(fetch, walked);
    const all = [...give, ...newer];
    if (all.length === 0) return;
    if (!(await this.#options.give(all))) throw new QueryError('refused', 'it did not take what it lacks');
    walked.given += all.length;
    await this.#rest(walked);
  }

  async #diff(
    answer: DigestEnvelope,
    asked: ReadonlySet<string>,
    walked: Walked,
    found: Found,
  ): Promise<void> {
    const { digest, repository } = this.#options;
    const underWay = this.#options.underWay();
    const differing = new Set(childrenIn(answer.buckets, asked));
    const slices = new Slices(this.#options, perTurn, answer.leaves.length);
    for (const { path, keys } of answer.leaves) {
      if (!differing.delete(path)) continue;
      const theirs = await this.#readKeys(keys, slices);
      const ours = digest.keysOf(Number.parseInt(path, 16));
      const diff = diffLeaf({
        theirs,
        ours,
        held: (key) => repository.get(key),
        keptBack: (key) => digest.excludes(key),
      });
      found.fetch.push(...diff.fetch);
      for (const key of diff.give) {
        if (underWay.has(key)) walked.left += 1;
        else found.give.push(key);
      }
      slices.did(ours.length);
      if (slices.isOver) await slices.next();
    }
  }

  async #readKeys(keys: readonly unknown[], slices: Slices): Promise<ReadVersionedKey[]> {
    const listed: ReadVersionedKey[] = [];
    await slices.each(keys, (item) => {
      const read = readVersionedKey(item);
      if (read !== undefined) listed.push(read);
    });
    return listed;
  }

  /** @returns keys of which this node turned out to hold the newer record */
  async #fetch(keys: readonly InstanceKey[], walked: Walked): Promise<string[]> {
    const newer: string[] = [];
    for (const chunk of this.#chunksOf(keys, this.#paceOf(walked).most)) {
      let cursor: string | undefined;
      // Each page tells of one key at least, or the peer would be asked for ever.
      for (let pages = 0; pages < chunk.length; pages += 1) {
        cursor = await this.#takePage(
          { keys: chunk, ...(cursor !== undefined && { cursor }) },
          walked,
          newer,
        );
        await this.#rest(walked);
        if (cursor === undefined) break;
      }
    }
    return newer;
  }

  /** Nothing holds the page any more when this is done, as with {@link #batch}. @returns where the next one begins */
  async #takePage(asked: RecordsRequest, walked: Walked, newer: string[]): Promise<string | undefined> {
    const { peer, queries, slots } = this.#options;
    const page = await queries.records(peer, asked);
    newer.push(...(await slots.run(() => this.#takeIn(page.instances, walked))));
    return page.next_cursor;
  }

  async #rest(walked: Walked): Promise<void> {
    const { restMs } = this.#paceOf(walked);
    if (restMs > 0) await delay(this.#options.scheduler, restMs);
  }

  #paceOf({ sinceMs, fetched, given }: Walked): Readonly<typeof gentle> {
    const isLong =
      fetched + given >= gentleRecords || this.#options.clock.monotonicMs() - sinceMs >= gentleMs;
    return isLong ? hurried : gentle;
  }

  /** In requests of about the same size: one for the few that are left would cost nearly as much. */
  *#chunksOf(keys: readonly InstanceKey[], most: number): Generator<InstanceKey[]> {
    const size = Math.ceil(keys.length / Math.ceil(keys.length / most));
    let chunk: InstanceKey[] = [];
    let bytes = 0;
    for (const key of keys) {
      const more = Buffer.byteLength(JSON.stringify(key));
      if (chunk.length > 0 && (chunk.length === size || bytes + more > this.#options.maxBytes)) {
        yield chunk;
        chunk = [];
        bytes = 0;
      }
      chunk.push(key);
      bytes += more;
    }
    if (chunk.length > 0) yield chunk;
  }

  async #takeIn(records: readonly unknown[], walked: Walked): Promise<string[]> {
    const { intake, peer } = this.#options;
    const newer: string[] = [];
    await new Slices(this.#options, perTurn, records.length).each(records, (item) => {
      const aged = readRecord(item);
      if (aged === undefined) return;
      walked.fetched += 1;
      const { kind } = intake.accept(aged, peer.address, true);
      if (kind === 'newer') newer.push(aged.record.key);
      else if (kind === 'clock-refused') walked.clockRefused.add(bucketOf(aged.record.key));
    });
    return newer;
  }
}

/** The bucket of a summary in which a key is. */
function bucketOf(key: string): string {
  const digits = TableDigest.parentDigits + 1;
  return leafOf(key).toString(16).padStart(digits, '0').slice(0, summaryDigits);
}

/** Paths of the children that differ, of buckets that were asked for. */
function childrenIn(
  buckets: DigestEnvelope['buckets'],
  asked: ReadonlySet<string> | readonly string[],
): string[] {
  const wanted = new Set(asked);
  return buckets.flatMap(({ path, differ }) => {
    if (!wanted.delete(path)) return [];
    return sixteen.filter((digit) => differ.includes(digit)).map((digit) => path + digit);
  });
}
