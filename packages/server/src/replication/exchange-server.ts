import type {
  DigestRequest,
  DigestResponse,
  InstanceKeyInput,
  LeaseAgesRequest,
  LeaseAgesResponse,
  RecordsRequest,
  RecordsResponse,
  RegistryRecord,
  Scheduler,
} from '@artemis/core';
import { ArtemisError, encodeRecord, encodeVersion, keyOf, limits } from '@artemis/core';
import type { LeaseManager } from '../lease/manager.js';
import type { RegistryRepository } from '../registry/repository.js';
import { leafOf, TableDigest } from './digest.js';
import { nextTurn } from '../turn.js';

/** Bytes after which a page ends early, of about so many. */
const pageBytes = 4 * 1024 * 1024;
/** Of keys in the answer of a digest, which is made in one turn. */
const leavesBytes = 32 * 1024;
/** Keys looked at in one turn, a fraction of a millisecond: clients wait for it. And for one page. */
const perTurn = 100;
const perPage = 50_000;
const defaultPage = 1000;
/** Bytes of a key with its version beside its ids, which are in the canonical key. */
const keyOverheadBytes = 200;
const leafDigits = TableDigest.parentDigits + 1;

const success = { error_code: 'success' } as const;

interface ExchangeServerOptions {
  readonly scheduler: Scheduler;
  readonly repository: RegistryRepository;
  readonly leases: Pick<LeaseManager, 'ageMs'>;
  readonly digest: TableDigest;
}

/** What fits into a page, and where the next one begins. */
interface Page<Item> {
  readonly items: Item[];
  readonly cursor: string | undefined;
}

/**
 * Answers what peers ask to become equal to this node. Every answer is bounded, in bytes too, and made in slices. The
 * order of the table is that of the leaves of the digest, the same on every node and whatever changes between two pages.
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
    return { response_status: success, root: digest.root, count: digest.count, buckets, leaves };
  }

  async records({ keys, cursor, limit }: RecordsRequest): Promise<RecordsResponse> {
    const encode = (
      record: RegistryRecord,
    ): { item: RecordsResponse['instances'][number]; bytes: number } => {
      const item = encodeRecord({ record, ageMs: this.#options.leases.ageMs(record.key) });
      return { item, bytes: roughBytesOf(item) };
    };
    const most = limit ?? defaultPage;
    const page =
      keys == null
        ? await this.#pageOfTable(cursor, most, encode)
        : await this.#pageOfKeys(keys, cursor, limits.recordsPage, encode);
    const { items: instances, cursor: next } = page;
    return { response_status: success, instances, ...(next !== undefined && { next_cursor: next }) };
  }

  async leaseAges({ owner, keys, cursor }: LeaseAgesRequest): Promise<LeaseAgesResponse> {
    type Age = LeaseAgesResponse['leases'][number];
    const encode = (record: RegistryRecord): { item: Age; bytes: number } | undefined => {
      const { key, instanceKey, version, state } = record;
      if (state !== 'alive' || (owner !== '' && version.owner !== owner)) return undefined;
      const item = {
        ...instanceKey,
        version: encodeVersion(version),
        age_ms: this.#options.leases.ageMs(key),
      };
      return { item, bytes: key.length + keyOverheadBytes };
    };
    const page =
      keys == null
        ? await this.#pageOfTable(cursor, limits.recordsPage, encode)
        : await this.#pageOfKeys(keys, cursor, limits.recordsPage, encode);
    const { items: leases, cursor: next } = page;
    return { response_status: success, leases, ...(next !== undefined && { next_cursor: next }) };
  }

  #leaf(path: string): { content: DigestResponse['leaves'][number]; bytes: number } {
    const { digest, repository } = this.#options;
    let bytes = 0;
    const keys = digest.keysOf(Number.parseInt(path, 16)).flatMap((key) => {
      const record = repository.get(key);
      if (record === undefined) return [];
      bytes += key.length + keyOverheadBytes;
      return [{ ...record.instanceKey, version: encodeVersion(record.version) }];
    });
    return { content: { path, keys }, bytes };
  }

  async #pageOfKeys<Item>(
    wanted: readonly InstanceKeyInput[],
    cursor: string | null | undefined,
    most: number,
    encode: (record: RegistryRecord) => { item: Item; bytes: number } | undefined,
  ): Promise<Page<Item>> {
    const first = cursor == null ? 0 : numberIn(cursor);
    const keys = wanted.slice(first).map((key) => keyOf(key));
    const page = await this.#fill(keys, most, encode);
    const next = first + page.taken;
    return { items: page.items, cursor: next < wanted.length ? String(next) : undefined };
  }

  async #pageOfTable<Item>(
    cursor: string | null | undefined,
    most: number,
    encode: (record: RegistryRecord) => { item: Item; bytes: number } | undefined,
  ): Promise<Page<Item>> {
    const { items, last, isWhole } = await this.#fill(this.#keysAfter(cursor ?? ''), most, encode);
    return { items, cursor: isWhole || last === undefined ? undefined : cursorAfter(last) };
  }

  /** Takes keys until the page is full. */
  async #fill<Item>(
    keys: Iterable<string>,
    most: number,
    encode: (record: RegistryRecord) => { item: Item; bytes: number } | undefined,
  ): Promise<{ items: Item[]; taken: number; last: string | undefined; isWhole: boolean }> {
    const { repository, digest, scheduler } = this.#options;
    const items: Item[] = [];
    let bytes = 0;
    let taken = 0;
    let last: string | undefined;
    for (const key of keys) {
      const isFull = items.length >= most || bytes >= pageBytes || taken >= perPage;
      if (isFull) return { items, taken, last, isWhole: false };
      taken += 1;
      last = key;
      const record = digest.excludes(key) ? undefined : repository.get(key);
      const encoded = record && encode(record);
      if (encoded !== undefined) {
        items.push(encoded.item);
        bytes += encoded.bytes;
      }
      if (taken % perTurn === 0) await nextTurn(scheduler);
    }
    return { items, taken, last, isWhole: true };
  }

  /** Keys of live records in the order of the leaves, and within a leaf by text, after that of the cursor. */
  *#keysAfter(cursor: string): Generator<string> {
    const { digest } = this.#options;
    const digits = cursor.slice(0, leafDigits);
    if (cursor !== '' && !/^[0-9a-f]{4}$/.test(digits)) throw wrongCursor();
    const after = cursor.slice(leafDigits);
    const first = cursor === '' ? 0 : Number.parseInt(digits, 16);
    for (let leaf = first; leaf < TableDigest.leaves; leaf += 1) {
      const keys = digest.keysOf(leaf);
      const isFirst = leaf === first && after !== '';
      // A copy: the leaf may change before the next key is asked for.
      for (const key of keys.length > 1 ? [...keys].sort() : keys) if (!isFirst || key > after) yield key;
    }
  }
}

/** About the length of the JSON: to encode every record only to know it would cost as much as the answer itself. */
function roughBytesOf(item: object): number {
  let bytes = 2;
  for (const name in item) {
    const value = (item as Readonly<Record<string, unknown>>)[name];
    bytes += name.length + 5;
    if (typeof value === 'string') bytes += value.length;
    else if (typeof value === 'object' && value !== null) bytes += roughBytesOf(value);
    else bytes += 10;
  }
  return bytes;
}

function cursorAfter(key: string): string {
  return leafOf(key).toString(16).padStart(leafDigits, '0') + key;
}

function numberIn(cursor: string): number {
  if (!/^\d{1,5}$/.test(cursor)) throw wrongCursor();
  return Number(cursor);
}

function wrongCursor(): ArtemisError {
  return new ArtemisError('wrong-envelope', 'cursor: expected next_cursor of the page before');
}
