import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonPieces } from '../json-pieces.js';
import { anAliveRecord, anInstance, aVersion, parsePieces } from '../testing/index.js';
import { overTheWire, liveRecords, records } from './arbitraries.fixture.js';
import { keyOf } from './instance.js';
import { describeIssue } from './issues.js';
import type { Removal, ReplicaRecord } from './peer.js';
import {
  decodeRecord,
  decodeRemoval,
  encodeRecord,
  encodeRemoval,
  removalSchema,
  renewalSchema,
  replicaRecordSchema,
  writeRecord,
  writeRenewal,
} from './peer.js';
import { expiryOf, unregistered } from './record.js';
import { decodeVersion } from './version.js';

const alive = anAliveRecord();
const expired = expiryOf(alive);
const gone = unregistered(alive.key, alive.instanceKey, aVersion({ owner: '' }));

const send = (wire: ReplicaRecord) => decodeRecord(replicaRecordSchema.parse(overTheWire(wire)));
const sendRemoval = (wire: Removal) => decodeRemoval(removalSchema.parse(overTheWire(wire)));

describe('records on the wire', () => {
  it('come back as they were, unknown fields too', () => {
    fc.assert(
      fc.property(records, fc.nat(), (record, ageMs) => {
        expect(send(encodeRecord({ record, ageMs }))).toEqual({ record, ageMs });
      }),
    );
  });

  it('are the same when they are written at once', () => {
    fc.assert(
      fc.property(records, fc.nat(), (record, ageMs) => {
        const pieces = new JsonPieces();
        writeRecord(pieces, record, ageMs);
        expect(parsePieces([pieces.take()])).toEqual(overTheWire(encodeRecord({ record, ageMs })));
      }),
    );
    fc.assert(
      fc.property(liveRecords, fc.nat(), (record, ageMs) => {
        const pieces = new JsonPieces();
        writeRenewal(pieces, record, ageMs);
        const { version, age_ms, ...names } = renewalSchema.parse(parsePieces([pieces.take()]));
        expect([decodeVersion(version), age_ms, keyOf(names)]).toEqual([record.version, ageMs, record.key]);
      }),
    );
  });

  it('name their service in a renewal as they can be found again, however long it is in lower case', () => {
    for (const service of [
      'Orders',
      'x'.repeat(255),
      '\u0130'.repeat(100),
      '\u0130'.repeat(255),
      'A"\\\u{1F600}',
    ]) {
      const record = anAliveRecord({ instance: { service_id: service } });
      const pieces = new JsonPieces();
      writeRenewal(pieces, record, 1);
      expect(keyOf(renewalSchema.parse(parsePieces([pieces.take()])))).toBe(record.key);
    }
  });

  it('have the shape of the document', () => {
    const version = [alive.version.stamp, 'node1#run1', 0, 'node1'];
    expect(encodeRecord({ record: alive, ageMs: 7 })).toEqual({
      ...anInstance(),
      replica: { version, state: 'alive', age_ms: 7, lease_ttl_ms: 30_000 },
    });
    expect(encodeRecord({ record: gone, ageMs: 0 })).toEqual({
      ...alive.instanceKey,
      replica: {
        version: [alive.version.stamp, 'node1#run1', 0, ''],
        state: 'removed',
        reason: 'unregistered',
        age_ms: 0,
        lease_ttl_ms: 0,
      },
    });
  });

  it('are refused when their parts do not tell one story', () => {
    const wire = encodeRecord({ record: alive, ageMs: 0 });
    const { replica } = wire;
    const bare = { ...alive.instanceKey, replica };
    const odd = { ...replica, version: [1, 'a#1', 1, 'a'] as typeof replica.version };
    expect(send(wire)).toBeDefined();
    for (const wrong of [
      bare,
      { ...wire, replica: odd },
      { ...wire, replica: { ...replica, lease_ttl_ms: 0 } },
    ]) {
      expect(send(wrong as ReplicaRecord)).toBeUndefined();
    }
    const removed = encodeRecord({ record: expired, ageMs: 0 });
    const unexplained = { ...removed, replica: { ...removed.replica, reason: null } };
    expect(send(unexplained as ReplicaRecord)).toBeUndefined();
  });

  it('say what is wrong with an instance, which never passes for a bare key', () => {
    const wire = encodeRecord({ record: expired, ageMs: 0 });
    const problem = (changes: object) => {
      const parsed = replicaRecordSchema.safeParse({ ...wire, ...changes });
      return parsed.success ? undefined : describeIssue(parsed.error, 'instances[3]');
    };
    expect(problem({})).toBeUndefined();
    expect(problem({ port: 70_000 })).toBe('instances[3].port: expected at most 65535');
    expect(problem({ replica: undefined })).toBe('instances[3].replica: missing, expected an object');
    expect(problem({ replica: { ...wire.replica, state: 'dead' } })).toBe(
      'instances[3].replica.state: expected one of "alive", "removed"',
    );
    expect(problem({ replica: { ...wire.replica, age_ms: -1 } })).toContain('instances[3].replica.age_ms: ');
  });

  it('say what is wrong with a bare key', () => {
    const { replica } = encodeRecord({ record: gone, ageMs: 0 });
    const parsed = replicaRecordSchema.safeParse({ ...alive.instanceKey, zone_id: 7, replica });
    expect(describeIssue(parsed.error!, 'instances[0]')).toBe(
      'instances[0].zone_id: expected a string, got a number',
    );
  });
});

describe('removals on the wire', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(liveRecords, (record) => {
        const removal = expiryOf(record);
        expect(sendRemoval(encodeRemoval(removal))).toEqual(removal);
      }),
    );
    expect(sendRemoval(encodeRemoval(gone))).toEqual(gone);
  });

  it('carry instance and lease only for an expiry', () => {
    expect(encodeRemoval(gone)).toEqual({
      ...alive.instanceKey,
      version: [alive.version.stamp, 'node1#run1', 0, ''],
      reason: 'unregistered',
    });
    expect(encodeRemoval(expired)).toMatchObject({ instance: anInstance(), lease_ttl_ms: 30_000 });
  });

  it('take nothing from an unregister but that it is one', () => {
    const chatty = { ...encodeRemoval(gone), instance: anInstance(), lease_ttl_ms: 5 } as Removal;
    expect(sendRemoval(chatty)).toEqual(gone);
  });

  it('are refused when their parts do not tell one story', () => {
    const wire = encodeRemoval(expired);
    const other = anInstance({ instance_id: 'inst-2' });
    const wrong: object[] = [
      { instance: null },
      { instance: other },
      { lease_ttl_ms: null },
      { reason: 'unregistered' },
      { version: [1, 'a#1', 2, 'a'] },
    ];
    for (const change of wrong) expect(sendRemoval({ ...wire, ...change })).toBeUndefined();
    expect(sendRemoval(wire)).toEqual(expired);
  });
});
