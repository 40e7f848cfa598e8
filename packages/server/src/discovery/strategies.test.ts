import { describe, expect, it } from '@jest/globals';
import type { Instance, Service, Strategy } from '@artemis/core';
import { preferenceOf } from './filters.js';
import { InstancePicker } from './strategies.js';
import { instanceAt, turnsOf } from './table.fixture.js';

const nowhere = preferenceOf({});
const weighted = (id: string, weight?: string): Instance =>
  instanceAt(`eu/z1/${id}`, weight === undefined ? {} : { metadata: { weight } });
const three = [instanceAt('eu/z1/a'), instanceAt('eu/z1/b'), instanceAt('us/z1/c')];

function picks(
  strategy: Strategy,
  instances: Service['instances'],
  draws: number[],
  preference = nowhere,
): string {
  const picker = new InstancePicker(turnsOf(draws));
  return draws
    .map(() => picker.pick(strategy, { instances, preference, round: 'orders' })?.instance_id ?? '-')
    .join('');
}

describe('InstancePicker', () => {
  it.each<Strategy>(['random', 'round-robin', 'weighted', 'same-zone-first'])(
    '%s: nothing of nothing',
    (strategy) => {
      expect(picks(strategy, [], [0])).toBe('-');
    },
  );

  it('random: each alike', () => {
    expect(picks('random', three, [0, 0.33, 0.34, 0.66, 0.67, 0.999_999])).toBe('aabbcc');
  });

  it('round-robin: one after the other, each round for itself', () => {
    const picker = new InstancePicker(turnsOf([0.5]));
    const next = (round: string, instances = three) =>
      picker.pick('round-robin', { instances, preference: nowhere, round })?.instance_id;
    expect([next('orders'), next('orders'), next('users'), next('orders'), next('orders')]).toEqual([
      'a',
      'b',
      'a',
      'c',
      'a',
    ]);
    expect(next('users', three.slice(0, 1))).toBe('a');
  });

  it('round-robin: remembers so many rounds, those used last', () => {
    const picker = new InstancePicker(turnsOf([0.5]));
    const next = (round: string) =>
      picker.pick('round-robin', { instances: three, preference: nowhere, round })?.instance_id;
    next('kept');
    next('lost');
    for (let n = 0; n < 998; n += 1) next(`round ${n}`);
    expect(next('kept')).toBe('b');
    next('one more');
    expect(next('kept')).toBe('c');
    expect(next('lost')).toBe('a');
  });

  it('weighted: by metadata.weight, 1 when there is none or it is no number', () => {
    const instances = [weighted('a', '2.5'), weighted('b'), weighted('c', '0'), weighted('d', '-7')];
    // 2.5 + 1 + 0 + 1 = 4.5
    expect(picks('weighted', instances, [0, 2.49 / 4.5, 2.51 / 4.5, 3.49 / 4.5, 3.51 / 4.5, 0.999_999])).toBe(
      'aabbdd',
    );
  });

  it('weighted: each alike when nobody has a weight', () => {
    expect(picks('weighted', [weighted('a', '0'), weighted('b', '0')], [0, 0.4, 0.5, 0.9])).toBe('aabb');
  });

  it('same-zone-first: any of the nearest', () => {
    const here = preferenceOf({ region_id: 'eu', zone_id: 'z1' });
    expect(picks('same-zone-first', three, [0, 0.49, 0.5, 0.999_999], here)).toBe('aabb');
    const alone = [instanceAt('us/z1/c')];
    expect(picks('same-zone-first', alone, [0, 0.999_999], here)).toBe('cc');
    expect(picks('same-zone-first', three, [0, 0.4, 0.7])).toBe('abc');
  });

  it.each<Strategy>(['random', 'round-robin', 'weighted', 'same-zone-first'])(
    '%s: an unconfirmed one only when nothing else is left',
    (strategy) => {
      const here = preferenceOf({ region_id: 'eu', zone_id: 'z1' });
      const doubted: Service['instances'] = [
        instanceAt('us/z1/c'),
        { ...instanceAt('eu/z1/a'), unconfirmed: true },
        { ...instanceAt('eu/z1/b'), unconfirmed: true },
      ];
      expect(picks(strategy, doubted, [0, 0.5, 0.9], here)).toBe('ccc');
      expect(picks(strategy, doubted.slice(1), [0, 0.9], here)).toBe('ab');
    },
  );
});
