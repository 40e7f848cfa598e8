import type {
  DigestRequest,
  DigestResponse,
  LeaseAgesRequest,
  RecordsRequest,
  RegistryRecord,
} from '@artemis/core';
import { ArtemisError, encodeRenewal, encodeVersion, keyOf, limits, recordText } from '@artemis/core';
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
/** Bytes of a key with its version beside its ids, which are in the canonical key. */
const keyOverheadBytes = 200;
const leafDigits = TableDigest.parentDigits + 1;

interface ExchangeServerOptions {
  readonly repository: RegistryRepository;
  readonly leases: Pick<LeaseManager, 'ageMs'>;
  readonly digest: TableDigest;
}

/** The keys to look at, and the cursor of a page that begins after so many of them, the last of which is `key`. */
interface Walk {
  readonly keys: Iterable<string>;
  readonly cursorAfter: (key: string, taken: number) => string;
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

  records({ keys, cursor, limit }: RecordsRequest): Iterable<string> {
    const { leases } = this.#options;
    const most = keys == null ? (limit ?? defaultPage) : limits.recordsPage;
    return this.#page('instances', this.#walk(keys, cursor), most, (record) =>
      recordText({ record, ageMs: leases.ageMs(record.key) }),
    );
  }

  leaseAges({ owner, keys, cursor }: LeaseAgesRequest): Iterable<string> {
    const { leases } = this.#options;
    return this.#page('leases', this.#walk(keys, cursor), limits.recordsPage, (record) => {
      const { key, version, state } = record;
      if (state !== 'alive' || (owner !== '' && version.owner !== owner)) return undefined;
      return JSON.stringify(encodeRenewal(record, leases.ageMs(key)));
    });
  }

  #leaf(path: string): { content: DigestResponse['leaves'][number]; bytes: number } {
    const { digest, repository } = this.#options;
    let bytes = 0;
    const keys = digest.keysOf(Number.parseInt(path, 16)).flatMap((key) => {
      const record = repository.get(key);
      if (record === undefined) return [];
      bytes += key.length + keyOverheadBytes;
      return [{ version: encodeVersion(record.version), ...record.instanceKey }];
    });
    return { content: { path, keys }, bytes };
  }

  /** Whatever is wrong with the cursor is said here, before anything of an answer is made. */
  #walk(keys: RecordsRequest['keys'], cursor: RecordsRequest['cursor']): Walk {
    if (keys == null) return { keys: this.#keysAfter(placeIn(cursor ?? '')), cursorAfter: cursorOf };
    const first = cursor == null ? 0 : numberIn(cursor);
    return {
      keys: keys.slice(first).map((key) => keyOf(key)),
      cursorAfter: (_, taken) => String(first + taken),
    };
  }

  /** Takes keys until the page is full. A piece for each, an empty one where nothing is held that is asked for. */
  *#page(
    name: 'instances' | 'leases',
    { keys, cursorAfter }: Walk,
    most: number,
    textOf: (record: RegistryRecord) => string | undefined,
  ): Generator<string> {
    const { repository, digest } = this.#options;
    yield `{"response_status":{"error_code":"success"},"${name}":[`;
    let items = 0;
    let bytes = 0;
    let taken = 0;
    let last = '';
    for (const key of keys) {
      if (items >= most || bytes >= pageBytes || taken >= perPage) {
        yield `],"next_cursor":${JSON.stringify(cursorAfter(last, taken))}}`;
        return;
      }
      taken += 1;
      last = key;
      const record = digest.excludes(key) ? undefined : repository.get(key);
      const text = (record && textOf(record)) ?? '';
      if (text !== '') {
        if (items > 0) yield ',';
        items += 1;
        bytes += text.length;
      }
      yield text;
    }
    yield ']}';
  }

  /** Keys of live records in the order of the leaves, and within a leaf by text, after that of the place. */
  *#keysAfter({ leaf: first, key: after }: Place): Generator<string> {
    const { digest } = this.#options;
    for (let leaf = first; leaf < TableDigest.leaves; leaf += 1) {
      const keys = digest.keysOf(leaf);
      if (keys.length > 1) keys.sort();
      for (const key of keys) if (leaf > first || key > after) yield key;
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
