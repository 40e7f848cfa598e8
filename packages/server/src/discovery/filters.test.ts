import { describe, expect, it } from '@jest/globals';
import { aliveRecord, keyOf } from '@artemis/core';
import type { DiscoveryConfig } from '@artemis/core';
import fc from 'fast-check';
import type { Doubt } from '../registry/service-index.js';
import type { Shown } from './filters.js';
import { isPresent, preferenceOf, problemOf, selectInstances, variantOf } from './filters.js';
import { instanceAt } from './table.fixture.js';

const version = { stamp: 1, origin: 'node1#run', round: 0, owner: 'node1' };

function liveOf(...instances: ReturnType<typeof instanceAt>[]): Shown {
  const live = instances.map((one) => aliveRecord(keyOf(one), one, version, 30_000));
  return { live, doubts: new Map() };
}

/** @param doubts by place */
function doubted(doubts: Readonly<Record<string, Doubt>>): Shown {
  const entries = Object.entries(doubts).map(([place, doubt]) => [keyOf(instanceAt(place)), doubt] as const);
  return { ...liveOf(...all), doubts: new Map(entries) };
}

const all = [
  instanceAt('eu/z2/c'),
  instanceAt('us/z1/e'),
  instanceAt('eu/z1/b'),
  instanceAt('eu/z1/a'),
  instanceAt('eu/z3/d', { status: 'down' }),
];

function chosen(config: Omit<DiscoveryConfig, 'service_id'>): string {
  return selectInstances(liveOf(...all), preferenceOf(config))
    .map(({ instance_id }) => instance_id)
    .join('');
}

describe('selectInstances', () => {
  it.each<[name: string, config: Omit<DiscoveryConfig, 'service_id'>, expected: string]>([
    ['no place: by canonical key', {}, 'abce'],
    ['nulls are the same as nothing', { region_id: null, zone_id: null, discovery_data: null }, 'abce'],
    ['the zone, the region, the others', { region_id: 'eu', zone_id: 'z2' }, 'cabe'],
    ['the same zone of another region is elsewhere', { region_id: 'us', zone_id: 'z1' }, 'eabc'],
    ['a region alone', { region_id: 'us' }, 'eabc'],
    ['a zone alone, of any region', { zone_id: 'z1' }, 'abec'],
    ['a place where nobody is', { region_id: 'asia', zone_id: 'z1' }, 'abce'],
    ['any status', { discovery_data: { status: 'any' } }, 'abcde'],
    ['status up', { discovery_data: { status: 'up' } }, 'abce'],
    ['only the zone', { region_id: 'eu', zone_id: 'z1', discovery_data: { scope: 'zone' } }, 'ab'],
    [
      'only the region, its zone first',
      { region_id: 'eu', zone_id: 'z2', discovery_data: { scope: 'region' } },
      'cab',
    ],
    ['scope any', { region_id: 'us', discovery_data: { scope: 'any' } }, 'eabc'],
    ['only a zone where nobody is', { zone_id: 'z9', discovery_data: { scope: 'zone' } }, ''],
  ])('%s', (_name, config, expected) => {
    expect(chosen(config)).toBe(expected);
  });

  it('does not depend on the order in which instances came', () => {
    const preference = preferenceOf({ region_id: 'eu', zone_id: 'z1' });
    const expected = selectInstances(liveOf(...all), preference);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(selectInstances(liveOf(...shuffled), preference)).toEqual(expected);
      }),
    );
  });

  it('puts the unconfirmed behind all others, however near, and leaves out the hidden, whatever their status', () => {
    const shown = doubted({ 'eu/z1/a': 'unconfirmed', 'eu/z2/c': 'unconfirmed', 'eu/z1/b': 'hidden' });
    const answer = (config: Omit<DiscoveryConfig, 'service_id'>) =>
      selectInstances(shown, preferenceOf(config)).map(({ instance_id: id, unconfirmed }) => [
        id,
        unconfirmed,
      ]);
    expect(answer({ region_id: 'eu', zone_id: 'z2' })).toEqual([
      ['e', undefined],
      ['c', true],
      ['a', true],
    ]);
    expect(answer({ discovery_data: { status: 'any' } }).map(([id]) => id)).toEqual(['d', 'e', 'a', 'c']);
  });

  it('leaves out those whose lease is over', () => {
    const ended = new Set([keyOf(instanceAt('eu/z1/a'))]);
    const ids = selectInstances(liveOf(...all), preferenceOf({}), ended).map(({ instance_id: id }) => id);
    expect(ids.join('')).toBe('bce');
  });
});

describe('problemOf', () => {
  it.each([
    [{ discovery_data: { scope: 'zone' } }, 'discovery_data.scope: "zone" needs a zone_id'],
    [
      { zone_id: 'z1', discovery_data: { scope: 'region' } },
      'discovery_data.scope: "region" needs a region_id',
    ],
    [{ zone_id: 'z1', discovery_data: { scope: 'zone' } }, undefined],
    [{ region_id: 'eu', discovery_data: { scope: 'region' } }, undefined],
    [{}, undefined],
  ] as const)('%j: %s', (config, problem) => {
    expect(problemOf(preferenceOf(config))).toBe(problem);
  });
});

describe('variantOf', () => {
  it('tells apart what chooses differently', () => {
    const configs: Omit<DiscoveryConfig, 'service_id'>[] = [
      {},
      { region_id: 'a' },
      { zone_id: 'a' },
      { region_id: 'a', zone_id: 'a' },
      { region_id: 'a', discovery_data: { scope: 'region' } },
      { discovery_data: { status: 'any' } },
    ];
    expect(new Set(configs.map((config) => variantOf(preferenceOf(config)))).size).toBe(configs.length);
    expect(variantOf(preferenceOf({ region_id: null, discovery_data: { status: 'up', scope: 'any' } }))).toBe(
      variantOf(preferenceOf({})),
    );
  });
});

describe('isPresent', () => {
  it.each([
    [{}, true],
    [{ region_id: 'eu', zone_id: 'z3' }, true],
    [{ region_id: 'us', zone_id: 'z3' }, false],
    [{ zone_id: 'z2' }, true],
    [{ zone_id: 'z9' }, false],
    [{ region_id: 'us' }, true],
    [{ region_id: 'asia' }, false],
  ])('%j: %s', (place, expected) => {
    expect(isPresent(liveOf(...all), preferenceOf(place))).toBe(expected);
  });

  it.each([
    [{}, true],
    [{ region_id: 'us' }, false],
    [{ region_id: 'eu', zone_id: 'z3' }, true],
  ])('counts no hidden ones: %j: %s', (place, expected) => {
    const shown = doubted({ 'us/z1/e': 'hidden', 'eu/z3/d': 'unconfirmed' });
    expect(isPresent(shown, preferenceOf(place))).toBe(expected);
  });

  it('is nowhere when all are hidden', () => {
    const one = { ...liveOf(instanceAt('us/z1/e')), doubts: doubted({ 'us/z1/e': 'hidden' }).doubts };
    expect(isPresent(one, preferenceOf({}))).toBe(false);
  });

  it('is nowhere without a live instance', () => {
    expect(isPresent(liveOf(), preferenceOf({}))).toBe(false);
  });
});
