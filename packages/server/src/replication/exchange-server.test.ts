import type {
  InstanceKey,
  LeaseAgesResponse,
  RecordsRequest,
  RecordsResponse,
  RegistryRecord,
} from '@artemis/core';
import { encodeVersion, keyOf } from '@artemis/core';
import { parsePieces } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { alive, instanceOf, tombstone } from '../registry/registry.fixture.js';
import type { RegistryRepository } from '../registry/repository.js';
import { tableOf } from './digest.fixture.js';
import type { TableDigest } from './digest.js';
import { ExchangeServer } from './exchange-server.js';

const childHashes = 16 * 16;

let repository: RegistryRepository;
let digest: TableDigest;
let server: ExchangeServer;

beforeEach(() => {
  ({ repository, digest } = tableOf([]));
  server = new ExchangeServer({ repository, leases: { ageMs: () => 50 }, digest });
});

const put = (...records: readonly RegistryRecord[]): void => {
  for (const record of records) repository.apply(record, { origin: 'peer', ageMs: 0 });
};
const fill = (count: number): void => put(...Array.from({ length: count }, (_, id) => alive(`i${id}`, 1)));
const keyNamed = (id: string): InstanceKey => alive(id, 1).instanceKey;
const namesIn = ({ instances }: RecordsResponse): string[] => instances.map(({ instance_id: id }) => id);
const records = (request: RecordsRequest): RecordsResponse =>
  parsePieces(server.records(request)) as RecordsResponse;
const leasesOf = (owner: string, keys?: InstanceKey[]): LeaseAgesResponse['leases'] =>
  (parsePieces(server.leaseAges({ owner, keys })) as LeaseAgesResponse).leases;
const nothing = '0'.repeat(childHashes);

describe('digest', () => {
  it('names the children that differ, down to what the leaves hold', () => {
    put(alive('a', 1));
    const root = server.digest({ path: [''], hashes: [nothing] });
    expect(root).toMatchObject({ root: digest.root, count: 1, leaves: [] });
    let path = root.buckets[0]?.differ ?? '';
    for (let level = 1; level < 3; level += 1) {
      const [bucket] = server.digest({ path: [path], hashes: [nothing] }).buckets;
      path += bucket?.differ ?? '';
    }
    const { buckets, leaves } = server.digest({ path: [path], hashes: [nothing] });
    expect(buckets).toEqual([{ path, differ: expect.stringMatching(/^.$/) }]);
    expect(leaves).toEqual([
      {
        path: path + (buckets[0]?.differ ?? ''),
        keys: [{ ...keyNamed('a'), version: encodeVersion(alive('a', 1).version) }],
      },
    ]);
  });

  it('says nothing of what is equal', () => {
    fill(50);
    const { buckets } = server.digest({
      path: ['', 'a'],
      hashes: [digest.childrenOf(''), digest.childrenOf('a')],
    });
    expect(buckets).toEqual([
      { path: '', differ: '' },
      { path: 'a', differ: '' },
    ]);
  });

  it('answers for fewer buckets where the leaves hold too much', () => {
    fill(20_000);
    let waiting = Array.from({ length: 1024 }, (_, index) => index.toString(16).padStart(3, '0'));
    const answered: string[] = [];
    let requests = 0;
    while (waiting.length > 0) {
      const { buckets } = server.digest({ path: waiting, hashes: waiting.map(() => nothing) });
      answered.push(...buckets.map(({ path }) => path));
      waiting = waiting.slice(buckets.length);
      requests += 1;
    }
    expect(new Set(answered).size).toBe(1024);
    expect([requests > 2, requests < 60]).toEqual([true, true]);
  });
});

describe('records', () => {
  it('answers those asked for, tombstones too, and leaves out what is unknown', () => {
    put(alive('a', 1), tombstone('b', 2));
    const keys = ['a', 'b', 'c'].map(keyNamed);
    const answer = records({ keys });
    expect(answer.instances.map(({ instance_id: id, replica }) => [id, replica.state])).toEqual([
      ['a', 'alive'],
      ['b', 'removed'],
    ]);
    expect(answer.next_cursor).toBeUndefined();
  });

  it('pages through the live table, each record once', () => {
    fill(1000);
    put(tombstone('i7', 2));
    const seen: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page: RecordsResponse = records({ cursor, limit: 300 });
      seen.push(...namesIn(page));
      cursor = page.next_cursor;
      pages += 1;
    } while (cursor !== undefined);
    expect(pages).toBe(4);
    expect(seen.length).toBe(999);
    expect(new Set(seen).size).toBe(999);
    expect(seen).not.toContain('i7');
  });

  it('keeps its place while the table changes', () => {
    fill(1000);
    const first = records({ limit: 500 });
    const taken = namesIn(first);
    put(...taken.slice(0, 400).map((id) => tombstone(id, 2)));
    const second = records({ cursor: first.next_cursor, limit: 1000 });
    expect(new Set([...taken, ...namesIn(second)]).size).toBe(1000);
  });

  it('ends a page early that would become too large', () => {
    const metadata = { about: 'x'.repeat(16_000) };
    put(...Array.from({ length: 600 }, (_, id) => alive(`i${id}`, 1, { metadata })));
    const page = records({ limit: 10_000 });
    expect(JSON.stringify(page).length).toBeLessThan(4.1 * 1024 * 1024);
    expect(page.next_cursor).toBeDefined();

    const keys = Array.from({ length: 600 }, (_, id) => keyNamed(`i${id}`));
    const some = records({ keys });
    const others = records({ keys, cursor: some.next_cursor });
    const rest = records({ keys, cursor: others.next_cursor });
    expect([...namesIn(some), ...namesIn(others), ...namesIn(rest)]).toHaveLength(600);
    expect(rest.next_cursor).toBeUndefined();
  });

  it('keeps back what this node does not vouch for', () => {
    put(alive('a', 1), alive('b', 1));
    digest.exclude(keyOf(instanceOf('a')));
    expect(namesIn(records({}))).toEqual(['b']);
    expect(namesIn(records({ keys: [keyNamed('a')] }))).toEqual([]);
  });

  it.each(['zz', '12', 'fffg', '-1'])('refuses the cursor %s', (cursor) => {
    expect(() => server.records({ cursor })).toThrow(expect.objectContaining({ problem: 'wrong-envelope' }));
  });

  it('refuses a cursor that is no place in a list of keys', () => {
    const ask = () => server.records({ keys: [keyNamed('a')], cursor: '00ff' });
    expect(ask).toThrow(expect.objectContaining({ problem: 'wrong-envelope' }));
  });
});

describe('leases', () => {
  it('answers the ages of one owner', () => {
    put(alive('a', 1), { ...alive('b', 1), version: { ...alive('b', 1).version, owner: 'node2' } });
    const found = leasesOf('node1');
    expect(found).toEqual([{ ...keyNamed('a'), version: encodeVersion(alive('a', 1).version), age_ms: 50 }]);
  });

  it('answers the ages of keys, whoever owns them, and of live records only', () => {
    put(alive('a', 1), tombstone('b', 1));
    const keys = ['a', 'b', 'c'].map(keyNamed);
    const found = leasesOf('', keys);
    expect(found.map(({ instance_id: id }) => id)).toEqual(['a']);
  });
});
