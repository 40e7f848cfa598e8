import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { liveVersions, overTheWire, rivals } from './arbitraries.fixture.js';
import type { Version } from './version.js';
import {
  compareVersions,
  decodeVersion,
  encodeVersion,
  sameRegistration,
  wireVersionSchema,
} from './version.js';

const base: Version = { stamp: 10, origin: 'b#1', round: 2, owner: 'b' };
const close = rivals.map(({ version }) => version);
const versions = fc.oneof(close, liveVersions);

describe('the order of versions', () => {
  it('looks at stamp, then origin, then round, then owner', () => {
    const ascending: Version[] = [
      { stamp: 9, origin: 'z#9', round: 98, owner: 'z' },
      { stamp: 10, origin: 'a#9', round: 98, owner: 'z' },
      { stamp: 10, origin: 'b#1', round: 0, owner: 'z' },
      { stamp: 10, origin: 'b#1', round: 2, owner: '' },
      base,
      { ...base, owner: 'c' },
      { ...base, round: 3, owner: '' },
      { ...base, origin: 'b#2', round: 0, owner: 'a' },
      { ...base, stamp: 11, origin: 'a#1', round: 0, owner: 'a' },
    ];
    const shuffled = [4, 8, 0, 6, 2, 7, 1, 5, 3].map((index) => ascending[index] as Version);
    expect(shuffled.toSorted(compareVersions)).toEqual(ascending);
  });

  it('compares rounds as numbers', () => {
    expect(compareVersions({ ...base, round: 10 }, { ...base, round: 9 })).toBeGreaterThan(0);
  });

  it('is total: equal only to itself, and opposite the other way round', () => {
    fc.assert(
      fc.property(versions, versions, (a, b) => {
        const [there, back] = [compareVersions(a, b), compareVersions(b, a)];
        expect(Math.sign(there)).toBe(0 - Math.sign(back));
        expect(there === 0).toBe(JSON.stringify(encodeVersion(a)) === JSON.stringify(encodeVersion(b)));
      }),
    );
  });

  it('is transitive', () => {
    fc.assert(
      fc.property(versions, versions, versions, (a, b, c) => {
        const [x, y, z] = [a, b, c].toSorted(compareVersions) as [Version, Version, Version];
        expect(compareVersions(x, y)).toBeLessThanOrEqual(0);
        expect(compareVersions(y, z)).toBeLessThanOrEqual(0);
        expect(compareVersions(x, z)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('a registration', () => {
  it('is one stamp of one origin, whatever its round and owner', () => {
    expect(sameRegistration(base, { ...base, round: 7, owner: '' })).toBe(true);
    expect(sameRegistration(base, { ...base, stamp: 11 })).toBe(false);
    expect(sameRegistration(base, { ...base, origin: 'b#2' })).toBe(false);
  });
});

describe('a version on the wire', () => {
  it('is an array', () => {
    expect(encodeVersion(base)).toEqual([10, 'b#1', 2, 'b']);
  });

  it('comes back as it was', () => {
    fc.assert(
      fc.property(versions, (version) => {
        const wire = wireVersionSchema.parse(overTheWire(encodeVersion(version)));
        expect(decodeVersion(wire)).toEqual(version);
      }),
    );
  });

  it.each([
    [[1, 'a#1', 0]],
    [[1, 'a#1', 0, 'a', 'more']],
    [[-1, 'a#1', 0, 'a']],
    [[1.5, 'a#1', 0, 'a']],
    [[2 ** 53, 'a#1', 0, 'a']],
    [['1', 'a#1', 0, 'a']],
    [[1, '', 0, 'a']],
    [[1, 'a#1', -1, 'a']],
    [[1, 'a#1', 0.5, 'a']],
    [[1, 'a#1', 0, null]],
    [[1, 'x'.repeat(511), 0, 'a']],
    [[1, 'a\n#1', 0, 'a']],
    [[1, 'a #1', 0, 'a']],
    [[1, '\ud800#1', 0, 'a']],
    [[1, 'a#1', 0, 'é']],
    [[1, 'a#1', 0, 'x'.repeat(256)]],
    [{ stamp: 1, origin: 'a#1', round: 0, owner: 'a' }],
  ])('is refused: %j', (wire) => {
    expect(wireVersionSchema.safeParse(wire).success).toBe(false);
  });
});
