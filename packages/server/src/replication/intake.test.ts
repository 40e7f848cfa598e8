import type { AliveRecord, Change, Version } from '@artemis/core';
import { expiryOf, HybridClock, keyOf, refutationOf, stampAt, takeOverOf, unregistered } from '@artemis/core';
import { aKey, anAliveRecord, VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { leasesOn } from '../lease/leases.fixture.js';
import type { LeaseManager } from '../lease/manager.js';
import { ChangeLog } from '../registry/change-log.js';
import { RegistryRepository } from '../registry/repository.js';
import { RecordIntake } from './intake.js';

let time: VirtualTime;
let repository: RegistryRepository;
let leases: LeaseManager;
let intake: RecordIntake;
let changes: Change[];
let refusedStamps: number;
let delays: number[];
const key = keyOf(aKey());

beforeEach(() => {
  time = new VirtualTime();
  const { clock } = time;
  const log = new ChangeLog('node1#run1');
  repository = new RegistryRepository(clock, log);
  ({ leases } = leasesOn(repository.slots, time));
  changes = [];
  refusedStamps = 0;
  delays = [];
  log.subscribe((change) => leases.onChange(change));
  log.subscribe((change) => changes.push(change));
  intake = new RecordIntake({
    nodeId: 'node1',
    wallClock: clock,
    clock: new HybridClock(() => clock.wallMs(), 60_000),
    repository,
    leases,
    delayed: (seconds) => delays.push(seconds),
    stampRefused: () => (refusedStamps += 1),
  });
});

function record(version: Partial<Version> = {}): AliveRecord {
  return anAliveRecord({
    version: { stamp: stampAt(time.startWallMs), origin: 'node2#r', owner: 'node2', ...version },
  });
}

function held(): { version: Version; state: string } {
  return repository.get(key) as { version: Version; state: string };
}

describe('RecordIntake.accept', () => {
  it('applies a newer record with its age, as a change that is not passed on', async () => {
    await time.advance(250);
    expect(intake.accept({ record: record(), ageMs: 400 }, 'node2')).toEqual({ kind: 'taken' });
    expect(changes).toMatchObject([{ origin: 'peer', type: 'new', byClient: false }]);
    expect([leases.ageMs(key), delays]).toEqual([400, [0.25]]);
  });

  it('answers the newer record that it holds, and takes the renewal all the same', async () => {
    const newer = record({ stamp: stampAt(time.startWallMs) + 1 });
    intake.accept({ record: newer, ageMs: 0 }, 'node2');
    await time.advance(5000);
    expect(intake.accept({ record: record(), ageMs: 100 }, 'node3')).toEqual({ kind: 'newer', held: newer });
    expect(leases.ageMs(key)).toBe(100);
  });

  it('takes the same version twice without a change', () => {
    intake.accept({ record: record(), ageMs: 0 }, 'node2');
    expect(intake.accept({ record: record(), ageMs: 0 }, 'node2')).toEqual({ kind: 'taken' });
    expect(changes).toHaveLength(1);
  });

  it('refuses a stamp too far ahead of its own clock, and counts it', () => {
    const future = record({ stamp: stampAt(time.startWallMs + 60_001) });
    expect(intake.accept({ record: future, ageMs: 0 }, 'node2')).toEqual({ kind: 'clock-refused' });
    expect([refusedStamps, changes]).toEqual([1, []]);
  });

  it('accepts an expiry of what no client renewed here', () => {
    intake.accept({ record: record(), ageMs: 0 }, 'node2');
    intake.accept({ record: expiryOf(record()), ageMs: 0 }, 'node2');
    expect(changes.map(({ type, reason }) => [type, reason])).toEqual([
      ['new', 'registered'],
      ['delete', 'expired'],
    ]);
  });

  it('refutes an expiry of what a client renewed here within its lease', async () => {
    intake.accept({ record: record(), ageMs: 0 }, 'node2');
    await time.advance(10_000);
    leases.renewByClient(key);
    await time.advance(29_000);
    expect(intake.accept({ record: expiryOf(record()), ageMs: 0 }, 'node2')).toEqual({ kind: 'taken' });
    expect(held()).toMatchObject({ state: 'alive', version: { round: 2, owner: 'node1' } });
    // Not a mere change of owner, which would wait with the renewals: peers hold the tombstone.
    const news = { origin: 'local', reason: 'refuted', type: undefined, ageMs: 29_000 };
    expect(changes.at(-1)).toMatchObject(news);
  });

  it('refutes the expiry of a registration that it has not even seen', () => {
    intake.accept({ record: record(), ageMs: 0 }, 'node2');
    leases.renewByClient(key);
    const later = record({ stamp: stampAt(time.startWallMs) + 5, origin: 'node3#r', owner: 'node3' });
    intake.accept({ record: expiryOf(later), ageMs: 0 }, 'node3');
    expect(held().version).toEqual({ ...later.version, round: 2, owner: 'node1' });
    expect(changes.at(-1)).toMatchObject({ reason: 'refuted' });
  });

  it('accepts the expiry once the client has been silent for a lease', async () => {
    intake.accept({ record: record(), ageMs: 0 }, 'node2');
    leases.renewByClient(key);
    await time.advance(30_000);
    intake.accept({ record: expiryOf(record()), ageMs: 0 }, 'node2');
    expect(held().state).toBe('removed');
  });

  it('cannot refute an unregister, nor the expiry of anything older than one', () => {
    intake.accept({ record: record(), ageMs: 0 }, 'node2');
    leases.renewByClient(key);
    const removal = unregistered(key, aKey(), {
      ...record().version,
      stamp: stampAt(time.startWallMs) + 1,
      owner: '',
    });
    intake.accept({ record: removal, ageMs: 0 }, 'node2');
    expect(held().state).toBe('removed');
    expect(intake.accept({ record: expiryOf(record()), ageMs: 0 }, 'node2')).toEqual({
      kind: 'newer',
      held: removal,
    });
  });

  it('lets an expiry that was refuted elsewhere rest', () => {
    const tombstone = expiryOf(record());
    const refutation = refutationOf({ ...tombstone, instance: record().instance }, 'node3');
    intake.accept({ record: refutation, ageMs: 0 }, 'node3');
    expect(intake.accept({ record: tombstone, ageMs: 0 }, 'node2')).toEqual({
      kind: 'newer',
      held: refutation,
    });
  });
});

describe('RecordIntake.renew', () => {
  const renew = (version: Version, ageMs = 0) => intake.renew({ key, version, ageMs }, 'node2');

  it('renews what it holds in that version, without a change', async () => {
    intake.accept({ record: record(), ageMs: 0 }, 'node2');
    await time.advance(4000);
    expect(renew(record().version, 30)).toEqual({ kind: 'taken' });
    expect([leases.ageMs(key), changes.length]).toEqual([30, 1]);
  });

  it('lacks a key that it does not know and a version newer than its own', () => {
    expect(renew(record().version)).toEqual({ kind: 'lacking' });
    intake.accept({ record: record(), ageMs: 0 }, 'node2');
    expect(renew({ ...record().version, stamp: record().version.stamp + 1 })).toEqual({ kind: 'lacking' });
  });

  it('answers the newer record that it holds', () => {
    const newer = record({ stamp: stampAt(time.startWallMs) + 1 });
    intake.accept({ record: newer, ageMs: 0 }, 'node2');
    expect(renew(record().version)).toEqual({ kind: 'newer', held: newer });
  });

  it('adopts a take-over that travels in the version of a renewal', () => {
    intake.accept({ record: record(), ageMs: 0 }, 'node2');
    const moved = takeOverOf(record(), 'node3');
    expect(renew(moved.version)).toEqual({ kind: 'taken' });
    expect(held().version).toEqual(moved.version);
    expect(changes.at(-1)).toMatchObject({ origin: 'peer', reason: 'moved', type: undefined });
  });

  it('adopts a later round over the tombstone of an earlier one', () => {
    intake.accept({ record: expiryOf(record()), ageMs: 0 }, 'node2');
    renew({ ...record().version, round: 2, owner: 'node3' }, 10);
    expect(held()).toMatchObject({ state: 'alive', version: { round: 2, owner: 'node3' } });
    expect(leases.ageMs(key)).toBe(10);
  });

  it('refuses a version from the far future', () => {
    intake.accept({ record: record(), ageMs: 0 }, 'node2');
    const version = { ...record().version, stamp: stampAt(time.startWallMs + 3_600_000) };
    expect(renew(version)).toEqual({ kind: 'clock-refused' });
  });
});
