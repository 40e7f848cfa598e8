import type { RegistryRecord } from '@artemis/core';
import { expiryOf, takeOverOf } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { alive, tombstone } from '../registry/registry.fixture.js';
import { tableOf } from './digest.fixture.js';
import { leafOf, TableDigest } from './digest.js';

const emptyRoot = '0'.repeat(16);

/** Few keys and few stamps, so that records often replace each other. */
const records: fc.Arbitrary<RegistryRecord> = fc
  .record({
    id: fc.nat(9),
    stamp: fc.nat(5),
    kind: fc.constantFrom('alive', 'unregistered', 'expired', 'moved'),
  })
  .map(({ id, stamp, kind }) => {
    const live = alive(`i${id}`, stamp * 2);
    if (kind === 'unregistered') return tombstone(`i${id}`, stamp * 2 + 1);
    if (kind === 'expired') return expiryOf(live);
    return kind === 'moved' ? takeOverOf(live, 'node2') : live;
  });
const histories = fc.array(records, { maxLength: 60 });

function liveOf({ repository }: ReturnType<typeof tableOf>): Map<string, string> {
  const live = [...repository.keys()].flatMap((key) => {
    const record = repository.get(key);
    return record?.state === 'alive' ? [[key, JSON.stringify(record.version)] as const] : [];
  });
  return new Map(live.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function rebuilt(table: ReturnType<typeof tableOf>): TableDigest {
  return tableOf([...table.repository.keys()].flatMap((key) => table.repository.get(key) ?? []).reverse())
    .digest;
}

/** Every bucket of every level, and the keys of every leaf. */
function wholeOf(digest: TableDigest): unknown {
  const paths = [...Array(16 ** 3).keys()].map((index) => index.toString(16).padStart(3, '0'));
  const keys = [...Array(TableDigest.leaves).keys()].flatMap((leaf) => [...digest.keysOf(leaf)].sort());
  return [digest.root, digest.count, paths.map((path) => digest.childrenOf(path)).join(), keys];
}

describe('TableDigest', () => {
  it('is, change by change, what it would be if it were built anew', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const table = tableOf(history);
        expect(wholeOf(table.digest)).toEqual(wholeOf(rebuilt(table)));
      }),
      { numRuns: 15 },
    );
  });

  it('has equal roots exactly where the live records are equal, in whatever order they came', () => {
    const two = fc
      .tuple(histories, histories, fc.boolean())
      .chain(([history, other, isSame]) =>
        fc
          .shuffledSubarray(history, { minLength: history.length, maxLength: history.length })
          .map((shuffled) => [history, isSame ? shuffled : other] as const),
      );
    fc.assert(
      fc.property(two, ([history, other]) => {
        const [one, another] = [tableOf(history), tableOf(other)];
        const isEqual = JSON.stringify([...liveOf(one)]) === JSON.stringify([...liveOf(another)]);
        expect(one.digest.root === another.digest.root).toBe(isEqual);
        expect(one.digest.count).toBe(liveOf(one).size);
      }),
    );
  });

  it('is empty when nothing but tombstones is left', () => {
    const { digest } = tableOf([alive('a', 1), alive('b', 1), tombstone('a', 2), expiryOf(alive('b', 1))]);
    expect([digest.root, digest.count]).toEqual([emptyRoot, 0]);
  });

  it('leads from the root to the leaf of a difference, level by level', () => {
    const one = tableOf([alive('a', 1), alive('b', 1), alive('c', 1)]).digest;
    const another = tableOf([alive('a', 1), alive('b', 2), alive('c', 1)]).digest;
    let path = '';
    for (let level = 0; level < 4; level += 1) {
      const differ = one.differing(path, another.childrenOf(path));
      expect(differ).toHaveLength(1);
      path += differ;
    }
    const leaf = Number.parseInt(path, 16);
    expect(leaf).toBe(leafOf(alive('b', 1).key));
    expect(one.keysOf(leaf)).toEqual([alive('b', 1).key]);
    expect(path).toHaveLength(TableDigest.parentDigits + 1);
  });

  it('leaves an excluded key out, whatever becomes of it, until it is included', () => {
    const { digest, repository } = tableOf([alive('a', 1), alive('b', 1)]);
    const without = tableOf([alive('b', 1)]).digest.root;
    digest.exclude(alive('a', 1).key);
    expect([digest.root, digest.count]).toEqual([without, 1]);
    repository.apply(alive('a', 2), { origin: 'peer' });
    expect([digest.root, digest.excludes(alive('a', 1).key)]).toEqual([without, true]);
    digest.include(alive('a', 1).key);
    expect(digest.root).toBe(tableOf([alive('a', 2), alive('b', 1)]).digest.root);
    repository.apply(tombstone('a', 3), { origin: 'peer' });
    expect(digest.root).toBe(without);
  });

  it('finds the keys of a leaf that holds many', () => {
    const byLeaf = new Map<number, string[]>();
    for (let id = 0; id < 2000; id += 1) {
      const leaf = leafOf(alive(`i${id}`, 1).key);
      byLeaf.set(leaf, [...(byLeaf.get(leaf) ?? []), `i${id}`]);
    }
    const [leaf, ids] = [...byLeaf].find(([, found]) => found.length > 1) ?? [0, []];
    const { digest, repository } = tableOf(ids.map((id) => alive(id, 1)));
    expect([...digest.keysOf(leaf)].sort()).toEqual(ids.map((id) => alive(id, 1).key).sort());
    for (const id of ids) repository.apply(tombstone(id, 2), { origin: 'peer' });
    expect([digest.keysOf(leaf), digest.root]).toEqual([[], emptyRoot]);
  });
});
