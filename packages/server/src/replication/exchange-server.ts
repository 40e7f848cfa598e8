import type {
  DigestRequest,
  DigestResponse,
  InstanceKeyInput,
  LeaseAgesRequest,
  RecordsRequest,
  RegistryRecord,
} from '@artemis/core';
import {
  ArtemisError,
  encodeVersion,
  JsonPieces,
  keyOf,
  limits,
  writeRecord,
  writeRenewal,
} from '@artemis/core';
import type { LeaseManager } from '../lease/manager.js';
import type { RegistryRepository } from '../registry/repository.js';
import { leafOf, TableDigest } from './digest.js';

/** Bytes after which a page ends early, of about so many. */
const pageBytes = 4 * 1024 * 1024;
/** Of keys in the answer of a digest, which is made in one turn. */
const leavesBytes = 32 * 1024;
/** Keys looked at for one page. */
const perPage = 50_000;
const defaultPage = 1000;
/** Keys of a list that are looked up at once. */
const perLookup = 16;
/** Bytes of a key with its version beside its ids, which are in the canonical key. */
const keyOverheadBytes = 200;
const leafDigits = TableDigest.parentDigits + 1;

interface ExchangeServerOptions {
  readonly repository: RegistryRepository;
  readonly leases: Pick<LeaseManager, 'ageMs'>;
  readonly digest: TableDigest;
}

/**
 * The slots to look at, in groups, each of them looked up as it is taken: what is in a slot may be something else in the
 * next turn.
 */
interface Walk {
  readonly slots: Iterable<readonly number[]>;
  /** The cursor of a page that begins after so many of them, the last of which holds `key`. */
  readonly cursorAfter: (key: string, taken: number) => string;
}

/** What an answer has of the records that are looked at. */
interface Content {
  readonly name: 'instances' | 'leases';
  readonly most: number;
  readonly takes: (record: RegistryRecord) => boolean;
  readonly write: (pieces: JsonPieces, record: RegistryRecord, slot: number) => void;
}

/** Where in the table a page begins: after this key of this leaf. */
interface Place {
  readonly leaf: number;
  readonly key: string;
}

/**
 * Answers what peers ask to become equal to this node. Every answer is bounded, in bytes too. The order of the table is
 * that of the leaves of the digest, the same on every node and whatever changes between two pages, which are made bit by
 * bit, as somebody takes them.
 */
export class ExchangeServer {
  readonly #options: ExchangeServerOptions;

  constructor(options: ExchangeServerOptions) {
    this.#options = options;
  }

  digest({ path, hashes }: DigestRequest): DigestResponse {
    const { digest } = this.#options;
    const buckets: DigestResponse['buckets'] = [];
    const leaves: DigestResponse['leaves'] = [];
    let bytes = 0;
    for (const [index, bucket] of path.entries()) {
      if (bytes > leavesBytes) break;
      const differ = digest.differing(bucket, hashes[index] ?? '');
      buckets.push({ path: bucket, differ });
      if (bucket.length < TableDigest.parentDigits) continue;
      for (const digit of differ) {
        const leaf = this.#leaf(bucket + digit);
        leaves.push(leaf.content);
        bytes += leaf.bytes;
      }
    }
    return {
      response_status: { error_code: 'success' },
      root: digest.root,
      count: digest.count,
      buckets,
      leaves,
    };
  }

  records({ keys, cursor, limit }: RecordsRequest): Iterable<Uint8Array> {
    const { leases } = this.#options;
    return this.#page(this.#walk(keys, cursor), {
      name: 'instances',
      most: keys == null ? (limit ?? defaultPage) : limits.recordsPage,
      takes: () => true,
      write: (pieces, record, slot) => writeRecord(pieces, record, leases.ageMs(record.key, slot)),
    });
  }

  leaseAges({ owner, keys, cursor }: LeaseAgesRequest): Iterable<Uint8Array> {
    const { leases } = this.#options;
    return this.#page(this.#walk(keys, cursor), {
      name: 'leases',
      most: limits.recordsPage,
      takes: ({ state, version }) => state === 'alive' && (owner === '' || version.owner === owner),
      write: (pieces, record, slot) => writeRenewal(pieces, record, leases.ageMs(record.key, slot)),
    });
  }

  #leaf(path: string): { content: DigestResponse['leaves'][number]; bytes: number } {
    const { digest, repository } = this.#options;
    let bytes = 0;
    const keys = digest.slotsOf(Number.parseInt(path, 16)).flatMap((slot) => {
      const record = repository.slots.at(slot);
      if (record === undefined) return [];
      bytes += record.key.length + keyOverheadBytes;
      return [{ version: encodeVersion(record.version), ...record.instanceKey }];
    });
    return { content: { path, keys }, bytes };
  }

  /** Whatever is wrong with the cursor is said here, before anything of an answer is made. */
  #walk(keys: RecordsRequest['keys'], cursor: RecordsRequest['cursor']): Walk {
    if (keys == null) return { slots: this.#slotsAfter(placeIn(cursor ?? '')), cursorAfter: cursorOf };
    const first = cursor == null ? 0 : numberIn(cursor);
    return { slots: this.#slotsOf(keys.slice(first)), cursorAfter: (_, taken) => String(first + taken) };
  }

  /** Takes slots until the page is full. */
  *#page({ slots, cursorAfter }: Walk, { name, most, takes, write }: Content): Generator<Uint8Array> {
    const { repository, digest } = this.#options;
    const pieces = new JsonPieces();
    pieces.raw(`{"response_status":{"error_code":"success"},"${name}":[`);
    let items = 0;
    let bytes = 0;
    let taken = 0;
    let last = '';
    for (const group of slots) {
      for (const slot of group) {
        if (items >= most || bytes >= pageBytes || taken >= perPage) {
          pieces.raw('],"next_cursor":');
          pieces.value(cursorAfter(last, taken));
          pieces.raw('}');
          yield pieces.take();
          return;
        }
        taken += 1;
        pieces.endItem();
        const record = repository.slots.at(slot);
        if (record === undefined) continue;
        last = record.key;
        if (!takes(record) || digest.excludes(record.key)) continue;
        const before = pieces.length;
        if (items > 0) pieces.raw(',');
        items += 1;
        write(pieces, record, slot);
        bytes += pieces.length - before;
      }
      if (pieces.isFull) yield pieces.take();
    }
    pieces.raw(']}');
    yield pieces.take();
  }

  *#slotsOf(keys: readonly InstanceKeyInput[]): Generator<readonly number[]> {
    const { slots } = this.#options.repository;
    for (let from = 0; from < keys.length; from += perLookup)
      yield keys.slice(from, from + perLookup).map((key) => slots.slotOf(keyOf(key)));
  }

  /** Slots of live records in the order of the leaves, and within a leaf by the text of their keys, after that of the place. */
  *#slotsAfter({ leaf: first, key: after }: Place): Generator<readonly number[]> {
    const { digest, repository } = this.#options;
    const keyAt = (slot: number): string => repository.slots.at(slot)?.key ?? '';
    for (let leaf = first; leaf < TableDigest.leaves; leaf += 1) {
      const slots = digest.slotsOf(leaf);
      if (slots.length === 0) continue;
      if (slots.length > 1) slots.sort((one, other) => (keyAt(one) < keyAt(other) ? -1 : 1));
      yield leaf > first ? slots : slots.filter((slot) => keyAt(slot) > after);
    }
  }
}

function placeIn(cursor: string): Place {
  const digits = cursor.slice(0, leafDigits);
  if (cursor !== '' && !/^[0-9a-f]{4}$/.test(digits)) throw wrongCursor();
  return { leaf: cursor === '' ? 0 : Number.parseInt(digits, 16), key: cursor.slice(leafDigits) };
}

function cursorOf(key: string): string {
  return leafOf(key).toString(16).padStart(leafDigits, '0') + key;
}

function numberIn(cursor: string): number {
  if (!/^\d{1,5}$/.test(cursor)) throw wrongCursor();
  return Number(cursor);
}

function wrongCursor(): ArtemisError {
  return new ArtemisError('wrong-envelope', 'cursor: expected next_cursor of the page before');
}
