import type { RegistryRecord } from '@artemis/core';
import { expiryOf, keyOf, unregistered } from '@artemis/core';
import { aKey, anAliveRecord, anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { storeKeyOf, verified } from './guarded-text.js';
import { decodeRecords, encodeRecord } from './record-codec.js';

const alive = anAliveRecord({ instance: { metadata: { a: 'ü 🦊' }, group_id: 'g' } });
const key = { ...aKey(), group_id: '' };

function restored(record: RegistryRecord): RegistryRecord | undefined {
  return decodeRecords(`[${verified(...encodeRecord(record))}]`)[0];
}

describe('a stored record', () => {
  it.each<[string, RegistryRecord]>([
    ['an instance', alive],
    ['an expiry, with its instance', expiryOf(alive)],
    ['a removal', unregistered(keyOf(key), key, { ...alive.version, owner: '' })],
  ])('is %s again', (_what, record) => {
    expect(restored(record)).toEqual(record);
  });

  it('keeps fields that this version does not know', () => {
    const instance = { ...anInstance(), colour: 'green' };
    expect(restored({ ...anAliveRecord(), instance })).toMatchObject({ instance: { colour: 'green' } });
  });

  it('is refused when a single character of it has changed, or when it is found under another key', () => {
    const [storeKey, text] = encodeRecord(alive);
    expect(storeKey).toBe(storeKeyOf(alive.key));
    for (let at = 0; at < text.length; at += 1) {
      const other = text[at] === '0' ? '1' : '0';
      expect(() => verified(storeKey, text.slice(0, at) + other + text.slice(at + 1))).toThrow('checksum');
    }
    expect(() => verified(`${storeKey}2`, text)).toThrow('checksum');
    expect(() => verified(storeKey, '')).toThrow('checksum');
  });
});

describe('the key of a stored record', () => {
  it('is the canonical one while it is short', () => {
    expect(storeKeyOf(alive.key)).toBe(alive.key);
  });

  it('fits into the store for the longest ids, and differs where they do', () => {
    const long = '🦊'.repeat(255);
    const ids = { region_id: long, zone_id: long, service_id: long, group_id: long, instance_id: long };
    const keys = [keyOf(ids), keyOf({ ...ids, instance_id: `${long}!` })].map(storeKeyOf);
    expect(new Set(keys).size).toBe(2);
    for (const each of keys) expect(Buffer.byteLength(each)).toBeLessThan(1978);
  });
});
