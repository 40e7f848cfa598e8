import { expiryOf } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import { RecordPool } from './record-pool.js';
import { alive, tombstone } from './registry.fixture.js';
import { SharedValues } from './shared-values.js';

/** As if it had come in a body of its own. */
function sent(id: string): ReturnType<typeof alive> {
  const text = JSON.stringify({ zone_id: 'a zone with a long name', metadata: { version: '1.2.3' } });
  return alive(id, 1, JSON.parse(text) as object);
}

describe('RecordPool', () => {
  const pool = new RecordPool();

  it('changes nothing of a record', () => {
    for (const record of [sent('a'), expiryOf(sent('a')), tombstone('a', 1)]) {
      const kept = pool.keep(record, undefined);
      expect(kept).toEqual(record);
      expect(kept.instanceKey).toEqual(record.instanceKey);
      expect(JSON.stringify(kept.instance)).toBe(JSON.stringify(record.instance));
    }
  });

  it('keeps the instance that the table holds where the same is registered again', () => {
    const held = pool.keep(sent('a'), undefined);
    const again = pool.keep(sent('a'), held);
    expect(again).not.toBe(held);
    expect(again.instance).toBe(held.instance);
  });

  it.each([
    ['a field', { port: 1 }],
    ['a field more', { group_id: 'g' }],
    ['metadata', { metadata: { version: '1.2.4' } }],
    ['an entry of metadata more', { metadata: { version: '1.2.3', more: '' } }],
    ['no metadata', { metadata: undefined }],
    ['a field that is not known here', { added_later: [1] }],
  ])('keeps what is new where %s differs', (_what, change) => {
    const fields = { metadata: { version: '1.2.3' }, added_later: [1, 2] };
    const held = pool.keep(alive('a', 1, fields), undefined);
    const other = alive('a', 2, { ...fields, ...change } as object);
    expect(JSON.stringify(pool.keep(other, held).instance)).toBe(JSON.stringify(other.instance));
  });

  it('keeps the order of the fields in which an instance was sent', () => {
    const held = pool.keep(alive('a', 1, { metadata: { a: '1', b: '2' } }), undefined);
    const other = alive('a', 2, { metadata: { b: '2', a: '1' } });
    expect(JSON.stringify(pool.keep(other, held).instance)).toBe(JSON.stringify(other.instance));
  });

  it('keeps metadata once that many instances have alike', () => {
    const [one, other] = [pool.keep(sent('a'), undefined), pool.keep(sent('b'), undefined)];
    expect(other.instance?.metadata).toBe(one.instance?.metadata);
  });

  it('keeps the key under which the table holds a record', () => {
    const held = pool.keep(sent('a'), undefined);
    const expired = pool.keep(expiryOf(sent('a')), held);
    expect([expired.key, expired.state]).toEqual([held.key, 'removed']);
  });
});

describe('SharedValues', () => {
  it('answers the first of equal values', () => {
    const values = new SharedValues<object>();
    const first = { a: 1 };
    expect(values.share('x', first)).toBe(first);
    expect(values.share('x', { a: 1 })).toBe(first);
  });

  it('remembers what is asked for again and again, and lets go of what is not', () => {
    const values = new SharedValues<object>();
    const [used, unused] = [{}, {}];
    values.share('used', used);
    values.share('unused', unused);
    for (let number = 0; number < 10_000; number += 1) {
      values.share(String(number), {});
      if (number % 1000 === 0) values.share('used', {});
    }
    expect(values.share('used', {})).toBe(used);
    expect(values.share('unused', {})).not.toBe(unused);
  });
});
