import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anAliveRecord, aVersion } from '../testing/index.js';
import { liveRecords, records, rivals } from './arbitraries.fixture.js';
import type { AliveRecord, RegistryRecord, RemovedRecord } from './record.js';
import {
  adopt,
  beats,
  expiryOf,
  isCoherent,
  merge,
  refutationOf,
  takeOverOf,
  unregistered,
} from './record.js';
import { compareVersions } from './version.js';

const registered = anAliveRecord();
const { key, instanceKey, instance } = registered;

/** A tombstone that keeps its instance. */
function expired(record: AliveRecord): RemovedRecord & { instance: typeof instance } {
  return { ...expiryOf(record), instance: record.instance };
}

describe('the merge law', () => {
  it('is commutative', () => {
    fc.assert(fc.property(rivals, rivals, (a, b) => expect(merge(a, b)).toEqual(merge(b, a))));
  });

  it('is associative', () => {
    fc.assert(
      fc.property(rivals, rivals, rivals, (a, b, c) => {
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
      }),
    );
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(rivals, rivals, (a, b) => {
        expect(merge(a, a)).toBe(a);
        expect(merge(merge(a, b), b)).toEqual(merge(a, b));
      }),
    );
  });

  it('ends with the same record whatever the order and repetition of what arrives', () => {
    const histories = fc
      .array(rivals, { minLength: 1, maxLength: 12 })
      .chain((sent) =>
        fc.tuple(fc.constant(sent), fc.shuffledSubarray([...sent, ...sent], { minLength: 1 })),
      );
    fc.assert(
      fc.property(histories, ([sent, some]) => {
        const inOrder = sent.reduce(merge);
        expect([...some, ...sent].reduce(merge)).toEqual(inOrder);
        expect(sent.every(({ version }) => compareVersions(version, inOrder.version) <= 0)).toBe(true);
      }),
    );
  });

  it('keeps what is held when both versions are the same', () => {
    const again = anAliveRecord();
    expect(merge(registered, again)).toBe(registered);
    expect(beats(again.version, registered)).toBe(false);
  });

  it('says the same as beats', () => {
    fc.assert(
      fc.property(rivals, rivals, (held, sent) => {
        expect(merge(held, sent) === sent && sent !== held).toBe(beats(sent.version, held));
      }),
    );
    expect(beats(registered.version, undefined)).toBe(true);
  });
});

describe('rounds', () => {
  const expiry = expired(registered);

  it('an expiry is the next, odd round: it removes, has no owner, and keeps instance and lease', () => {
    expect(expiry).toEqual({
      ...registered,
      state: 'removed',
      reason: 'expired',
      version: { ...registered.version, round: 1, owner: '' },
    });
    expect(merge(registered, expiry)).toBe(expiry);
  });

  it('a refutation undoes an expiry', () => {
    const refutation = refutationOf(expiry, 'node2');
    expect(refutation).toEqual({
      ...registered,
      version: { ...registered.version, round: 2, owner: 'node2' },
    });
    expect(merge(expiry, refutation)).toBe(refutation);
  });

  it('a take-over beats the expiry of what it took over, and not that of itself', () => {
    const takenOver = takeOverOf(registered, 'node2');
    expect(takenOver.version).toEqual({ ...registered.version, round: 2, owner: 'node2' });
    expect(takenOver.instance).toBe(instance);
    expect(merge(expiry, takenOver)).toBe(takenOver);
    expect(merge(takenOver, expiryOf(takenOver)).state).toBe('removed');
  });

  it('two nodes that take over at once agree on one', () => {
    const [mine, theirs] = [takeOverOf(registered, 'node2'), takeOverOf(registered, 'node3')];
    expect(merge(mine, theirs)).toBe(merge(theirs, mine));
  });

  it('an unregister removes whatever round the registration was in, and cannot be outlived by its later rounds', () => {
    const removal = unregistered(key, instanceKey, {
      ...aVersion({ stamp: registered.version.stamp + 1 }),
      owner: '',
    });
    fc.assert(
      fc.property(fc.array(fc.constantFrom('node2', 'node3'), { maxLength: 20 }), (owners) => {
        const later = owners.reduce(takeOverOf, registered);
        expect(merge(later, removal)).toBe(removal);
      }),
    );
  });

  it('every step leads from a coherent record to a coherent one, and is later', () => {
    fc.assert(
      fc.property(liveRecords, (record) => {
        const removed = expired(record);
        const steps = [removed, refutationOf(removed, 'node9'), takeOverOf(record, 'node9')];
        for (const step of steps) {
          expect(isCoherent(step)).toBe(true);
          expect(step.key).toBe(record.key);
          expect(beats(step.version, record)).toBe(true);
        }
      }),
    );
  });
});

describe('adoption of what a renewal tells', () => {
  const takenOver = takeOverOf(registered, 'node2');

  it('takes a later live round of the same registration, with the instance held here', () => {
    expect(adopt(registered, takenOver.version)).toEqual(takenOver);
    expect(adopt(expiryOf(registered), takenOver.version)).toEqual(takenOver);
  });

  it.each<[string, RegistryRecord, Partial<typeof takenOver.version>]>([
    ['the round held', registered, { round: 0 }],
    ['an earlier round', takeOverOf(takenOver, 'node3'), {}],
    ['an expiry', registered, { round: 3, owner: '' }],
    ['an odd round with an owner', registered, { round: 3 }],
    ['a live round without owner', registered, { owner: '' }],
    ['another stamp', registered, { stamp: registered.version.stamp + 1 }],
    ['another origin', registered, { origin: 'node9#run9' }],
    ['what is held without instance', unregistered(key, instanceKey, aVersion({ owner: '' })), {}],
  ])('refuses %s', (_name, held, changes) => {
    expect(adopt(held, { ...takenOver.version, ...changes })).toBeUndefined();
  });
});

describe('coherence', () => {
  it('is what every record has that nodes make', () => {
    fc.assert(fc.property(fc.oneof(records, rivals), (record) => expect(isCoherent(record)).toBe(true)));
  });

  const removed = expiryOf(registered);
  const gone = unregistered(key, instanceKey, aVersion({ owner: '' }));
  const bare: RegistryRecord = { ...gone, reason: 'expired', version: aVersion({ round: 1, owner: '' }) };
  it.each<[string, RegistryRecord]>([
    ['live in an odd round', { ...registered, version: aVersion({ round: 1 }) }],
    ['live without owner', { ...registered, version: aVersion({ owner: '' }) }],
    ['live without a lease', { ...registered, leaseTtlMs: 0 }],
    ['expired in an even round', { ...removed, version: aVersion({ round: 2, owner: '' }) }],
    ['expired with an owner', { ...removed, version: aVersion({ round: 1 }) }],
    ['expired without instance', bare],
    ['expired without a lease', { ...removed, leaseTtlMs: 0 }],
    ['unregistered in a later round', { ...gone, version: aVersion({ round: 1, owner: '' }) }],
    ['unregistered with an owner', { ...gone, version: aVersion() }],
    ['unregistered with an instance', { ...gone, instance, leaseTtlMs: 1 }],
  ])('is missed by a record that is %s', (_name, record) => {
    expect(isCoherent(record)).toBe(false);
  });
});
