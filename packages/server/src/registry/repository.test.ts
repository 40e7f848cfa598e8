import type { Change, ChangeReason, ChangeType, RegistryRecord, Visibility } from '@artemis/core';
import { expiryOf, keyOf, refutationOf, takeOverOf } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { alive, instanceOf, tableAt, tombstone, versionOf } from './registry.fixture.js';

const key = keyOf(instanceOf('a'));

describe('RegistryRepository.apply', () => {
  it('puts a record in and numbers the change', () => {
    const { repository, log } = tableAt(5000);
    const change = repository.apply(alive('a', 10), { origin: 'local', byClient: true });
    expect(change).toMatchObject({
      revision: 1,
      type: 'new',
      reason: 'registered',
      origin: 'local',
      wallMs: 5000,
      byClient: true,
    });
    expect(log.revision).toBe(1);
    expect(repository.get(key)?.version.stamp).toBe(10);
  });

  it('changes nothing for a version as old or older', () => {
    const { repository, log } = tableAt();
    repository.apply(alive('a', 10), { origin: 'local' });
    expect(repository.apply(alive('a', 10), { origin: 'peer' })).toBeUndefined();
    expect(repository.apply(alive('a', 9), { origin: 'peer' })).toBeUndefined();
    expect(log.revision).toBe(1);
  });

  it('shows watchers a change of content, and nothing where the content stays', () => {
    const { repository } = tableAt();
    const apply = (record: RegistryRecord) => repository.apply(record, { origin: 'local' });
    apply(alive('a', 10));
    expect(apply(alive('a', 11))).toMatchObject({ type: undefined, reason: 'registered' });
    expect(apply(alive('a', 12, { status: 'down' }))).toMatchObject({ type: 'change' });
    expect(apply(tombstone('a', 13))).toMatchObject({ type: 'delete', reason: 'unregistered' });
    expect(apply(tombstone('a', 14))).toMatchObject({ type: undefined });
    expect(apply(alive('a', 15))).toMatchObject({ type: 'new' });
  });

  it('names expiry, refutation and take-over', () => {
    const { repository } = tableAt();
    const first = alive('a', 10);
    const expired = expiryOf(first);
    const refuted = refutationOf({ ...expired, instance: first.instance }, 'node2');
    const moved = takeOverOf(refuted, 'node3');
    const changes = [first, expired, refuted, moved].map((record) =>
      repository.apply(record, { origin: 'peer' }),
    );
    expect(changes.map((change) => [change?.reason, change?.type])).toEqual([
      ['registered', 'new'],
      ['expired', 'delete'],
      ['refuted', 'new'],
      ['moved', undefined],
    ]);
  });

  it('gives a service the revision of its latest visible change', () => {
    const { repository } = tableAt();
    repository.apply(alive('a', 10), { origin: 'local' });
    repository.apply(alive('other', 11, { service_id: 'users' }), { origin: 'local' });
    repository.apply(alive('a', 12), { origin: 'local' });
    expect(repository.service('ORDERS')?.revision).toBe(1);
    expect(repository.service('users')?.revision).toBe(2);
  });

  it('ends in the same table whatever the order and repetition of what arrives', () => {
    const first = alive('a', 10);
    const expired = expiryOf(first);
    const records = [
      first,
      expired,
      refutationOf({ ...expired, instance: first.instance }, 'node2'),
      takeOverOf(first, 'node3'),
      alive('a', 11, { status: 'down' }),
      { ...alive('a', 11), version: versionOf(11, { origin: 'node2#run', owner: 'node2' }) },
      tombstone('a', 9),
      tombstone('a', 10),
    ];
    const arrivals = fc.array(fc.constantFrom(...records), { minLength: records.length * 2 });
    fc.assert(
      fc.property(arrivals, (received) => {
        const { repository } = tableAt();
        for (const record of [...received, ...records]) repository.apply(record, { origin: 'peer' });
        expect(repository.get(key)?.version).toEqual(versionOf(11, { origin: 'node2#run', owner: 'node2' }));
      }),
    );
  });
});

describe('RegistryRepository.show', () => {
  const withA = () => {
    const table = tableAt(5000);
    table.repository.apply(alive('a', 10), { origin: 'local' });
    return table;
  };

  it.each<[Visibility, Visibility, ChangeType, ChangeReason]>([
    ['listed', 'unconfirmed', 'change', 'unconfirmed'],
    ['listed', 'hidden', 'delete', 'hidden'],
    ['unconfirmed', 'hidden', 'delete', 'hidden'],
    ['unconfirmed', 'listed', 'change', 'confirmed'],
    ['hidden', 'listed', 'new', 'confirmed'],
    ['hidden', 'unconfirmed', 'new', 'unconfirmed'],
  ])('%s, then %s: a %s with reason %s, which is none of the record', (before, after, type, reason) => {
    const { repository, log } = withA();
    repository.show(key, before);
    const held = repository.get(key);
    const change = repository.show(key, after);
    expect(change).toMatchObject({ origin: 'view', type, reason, wallMs: 5000, revision: log.revision });
    expect([change?.record, change?.previous, repository.get(key)]).toEqual([held, held, held]);
    expect([repository.visibilityOf(key), repository.service('orders')?.revision]).toEqual([
      after,
      log.revision,
    ]);
  });

  it('changes nothing twice, and nothing that is not alive', () => {
    const { repository, log } = withA();
    expect(repository.show(key, 'listed')).toBeUndefined();
    repository.show(key, 'hidden');
    expect(repository.show(key, 'hidden')).toBeUndefined();
    repository.apply(tombstone('a', 11), { origin: 'peer' });
    expect([repository.show(key, 'unconfirmed'), repository.show('nobody', 'hidden')]).toEqual([
      undefined,
      undefined,
    ]);
    expect([log.revision, repository.visibilityOf(key)]).toEqual([3, 'listed']);
  });

  it.each<[Visibility, ChangeType | undefined, ChangeType | undefined, ChangeType | undefined]>([
    ['listed', 'delete', undefined, 'change'],
    ['unconfirmed', 'delete', 'change', 'change'],
    ['hidden', undefined, 'new', 'new'],
  ])(
    '%s: watchers see removal, registration, and change as %s, %s, %s',
    (before, removed, again, changed) => {
      const seen = (record: RegistryRecord) => {
        const { repository } = withA();
        repository.show(key, before);
        const { type } = repository.apply(record, { origin: 'peer' }) ?? {};
        expect(repository.visibilityOf(key)).toBe('listed');
        return type;
      };
      expect([tombstone('a', 11), alive('a', 11), alive('a', 11, { status: 'down' })].map(seen)).toEqual([
        removed,
        again,
        changed,
      ]);
    },
  );

  it('is not changed by news of a lease that is over', () => {
    const { repository } = withA();
    repository.show(key, 'hidden');
    const old = { origin: 'peer', ageMs: 30_000 } as const;
    expect(repository.apply(alive('a', 11), old)).toMatchObject({ type: undefined, reason: 'registered' });
    expect(repository.visibilityOf(key)).toBe('hidden');
    expect(repository.apply(alive('a', 12), { ...old, ageMs: 29_999 })).toMatchObject({ type: 'new' });
  });

  it('hides from the first moment what is loaded so, and drops it without a trace', () => {
    const { repository, log } = tableAt();
    const change = repository.apply(alive('a', 10), { origin: 'recovery', hidden: true });
    expect([change?.record.key, change?.type]).toEqual([key, undefined]);
    expect(repository.visibilityOf(key)).toBe('hidden');
    expect(repository.dropHidden(alive('a', 10))).toBe(false);
    expect(change && repository.dropHidden(change.record)).toBe(true);
    expect([repository.get(key), repository.service('orders'), repository.liveCount]).toEqual([
      undefined,
      undefined,
      0,
    ]);
    expect(log.revision).toBe(1);
  });

  it('drops nothing that is shown', () => {
    const { repository } = withA();
    const record = repository.get(key);
    expect([record && repository.dropHidden(record), repository.liveCount]).toEqual([false, 1]);
  });
});

describe('RegistryRepository', () => {
  it('counts live records, tombstones and services', () => {
    const { repository } = tableAt();
    repository.apply(alive('a', 1), { origin: 'local' });
    repository.apply(alive('b', 2), { origin: 'local' });
    repository.apply(tombstone('a', 3), { origin: 'local' });
    expect([repository.liveCount, repository.tombstoneCount, repository.serviceCount]).toEqual([1, 1, 1]);
  });

  it('forgets a tombstone, and with the last one the service', () => {
    const { repository } = tableAt();
    const removed = tombstone('a', 3);
    repository.apply(removed, { origin: 'local' });
    expect(repository.service('orders')?.live).toEqual([]);
    repository.forget(removed);
    expect([repository.get(key), repository.service('orders')]).toEqual([undefined, undefined]);
  });

  it('does not forget a key that came back', () => {
    const { repository } = tableAt();
    const removed = tombstone('a', 3);
    repository.apply(removed, { origin: 'local' });
    repository.apply(alive('a', 4), { origin: 'local' });
    repository.forget(removed);
    expect(repository.get(key)?.state).toBe('alive');
  });
});

describe('ChangeLog', () => {
  it('calls listeners in the order of their subscription, with the table as it is then', () => {
    const { repository, log } = tableAt();
    const seen: string[] = [];
    log.subscribe((change: Change) => seen.push(`first ${change.revision} ${repository.liveCount}`));
    const cancel = log.subscribe((change: Change) => seen.push(`second ${change.revision}`));
    repository.apply(alive('a', 1), { origin: 'local' });
    cancel();
    repository.apply(alive('b', 2), { origin: 'local' });
    expect(seen).toEqual(['first 1 1', 'second 1', 'first 2 2']);
  });

  it('answers the changes since a revision as far back as it reaches', () => {
    const { repository, log } = tableAt();
    for (let stamp = 1; stamp <= 150; stamp += 1) repository.apply(alive('a', stamp), { origin: 'local' });
    expect(log.since(148)?.map(({ revision }) => revision)).toEqual([149, 150]);
    expect(log.since(50)).toHaveLength(100);
    expect(log.since(49)).toBeUndefined();
    expect(log.since(151)).toBeUndefined();
    expect(log.since(150)).toEqual([]);
  });
});
