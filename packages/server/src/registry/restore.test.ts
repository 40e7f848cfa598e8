import type { RegistryRecord, StoredState } from '@artemis/core';
import { stampAt } from '@artemis/core';
import type { ConfigOverrides } from '@artemis/core/config';
import { defaultConfig } from '@artemis/core/config';
import { describe, expect, it } from '@jest/globals';
import { alive, tableAt, tombstone } from './registry.fixture.js';
import { restore } from './restore.js';

const now = 2_000_000_000_000;
const minute = 60_000;
const inCluster: ConfigOverrides = { cluster: { enabled: true, peers: ['node2:8080'] } };

function at(ageMs: number): number {
  return stampAt(now - ageMs);
}

function restored(
  records: readonly RegistryRecord[],
  notes: StoredState['notes'],
  overrides: ConfigOverrides = inCluster,
) {
  const { log, repository } = tableAt(now);
  const held: string[] = [];
  const observed: number[] = [];
  const ages: number[] = [];
  log.subscribe(({ ageMs }) => ages.push(ageMs));
  const absence = restore(
    { records, notes },
    {
      config: defaultConfig(overrides),
      nodeId: 'node1',
      clock: { wallMs: () => now },
      repository,
      hold: (key) => held.push(key),
      observe: (stamp) => observed.push(stamp),
    },
  );
  return { absence, held, observed, ages, repository };
}

const ago = (aliveMinutes: number, contacts: Record<string, number> = {}) => ({
  aliveWallMs: now - aliveMinutes * minute,
  contacts: Object.fromEntries(
    Object.entries(contacts).map(([node, minutes]) => [node, now - minutes * minute]),
  ),
});

describe('restore', () => {
  it('takes all as it was after a short absence, in any order, with every stamp', () => {
    const records = [tombstone('b', 7), alive('a', at(minute))];
    const { absence, held, observed, repository } = restored(records, ago(20, { node2: 20 }));
    expect([absence, held, observed]).toEqual([undefined, [], [7, at(minute)]]);
    expect([repository.liveCount, repository.tombstoneCount, repository.doubted('hidden')]).toEqual([
      1, 1, 0,
    ]);
  });

  it.each([
    ['it did not run for 26 minutes', ago(26)],
    ['it did not run for 26 minutes', ago(26, { node2: 1 })],
    ['it heard no other node for 30 minutes', ago(1, { node2: 30, node3: 40 })],
  ])('holds all live records back when %s', (why, notes) => {
    const record = alive('a', at(minute));
    const { absence, held, repository } = restored([record, tombstone('b', 7)], notes);
    expect([absence, held]).toEqual([why, [record.key]]);
    expect(repository.visibilityOf(record.key)).toBe('hidden');
  });

  it.each([
    ['one of the peers was heard', ago(1, { node2: 30, node3: 20 }), inCluster],
    ['no peer ever was', ago(1), inCluster],
    ['it has no peers any more', ago(1, { node2: 30 }), {}],
    ['nothing was noted', undefined, inCluster],
    ['its clock went back', ago(-100), inCluster],
  ])('does not when %s', (_why, notes, overrides) => {
    expect(restored([alive('a', at(minute))], notes, overrides).absence).toBeUndefined();
  });

  it('holds its own leases for as old as they can be: no older than when it last ran, with a lease', () => {
    const records = [alive('long ago', at(60 * minute)), alive('just now', at(2 * minute + 5000))];
    expect(restored(records, ago(2)).ages).toEqual([2 * minute + 30_000, 2 * minute + 5000]);
  });

  it('counts those of others from when it last heard the owner: a restart begins no orphan clock anew', () => {
    const record = alive('a', at(600 * minute));
    const others: RegistryRecord = { ...record, version: { ...record.version, owner: 'node2' } };
    expect(restored([others], ago(2, { node2: 10, node3: 2 })).ages).toEqual([10 * minute + 30_000]);
    expect(restored([others], ago(2, { node3: 3 })).ages).toEqual([2 * minute + 30_000]);
    expect(restored([others], undefined).ages).toEqual([600 * minute]);
  });
});
