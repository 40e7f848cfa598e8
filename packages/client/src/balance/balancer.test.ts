import { SeededRandom, VirtualTime } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Balancer } from './balancer.js';
import { anyFleet, fleet, idOf, offered, tally } from './instances.fixture.js';
import type { PickStrategy } from './pick-options.js';
import type { Whereabouts } from './nearest.js';

const strategies: PickStrategy[] = ['random', 'round-robin', 'weighted', 'least-used', 'consistent-hash'];
const anyStrategy = fc.constantFrom(...strategies);
const home: Whereabouts = { region: 'r1', zone: 'z1' };

function balancer(where: Whereabouts = {}, seed = 1): Balancer {
  return new Balancer({ random: new SeededRandom(seed), clock: new VirtualTime().clock, ...where });
}

describe('whatever the strategy', () => {
  it('one that is up is picked whenever there is one, and nothing else ever', () => {
    fc.assert(
      fc.property(anyFleet, anyStrategy, fc.array(fc.nat(11)), (instances, strategy, failing) => {
        const picker = balancer(home);
        for (const index of failing) {
          const instance = instances[index];
          if (instance !== undefined) picker.report(instance, 'failure');
        }
        const up = instances.filter(({ status }) => status === 'up');
        const picked = picker.pick(instances, { strategy, key: 'k' });
        if (up.length === 0) expect(picked).toBeUndefined();
        else expect(up).toContain(picked);
      }),
    );
  });

  it('an unconfirmed one is picked only when nothing else is up', () => {
    fc.assert(
      fc.property(anyFleet, anyStrategy, (instances, strategy) => {
        const isSure = instances.some(({ status, unconfirmed }) => status === 'up' && unconfirmed !== true);
        const picked = balancer(home).pick(instances, { strategy, key: 'k' });
        if (isSure) expect(picked?.unconfirmed).toBeUndefined();
      }),
    );
  });

  it('the list that it picks from is not changed', () => {
    fc.assert(
      fc.property(anyFleet, anyStrategy, (instances, strategy) => {
        const before = [...instances];
        balancer(home).pick(instances, { strategy, key: 'k' });
        expect(instances).toEqual(before);
      }),
    );
  });

  it('one that fails is left out while there is another', () => {
    for (const strategy of strategies) {
      const picker = balancer();
      const [first, second] = [offered('a'), offered('b')];
      picker.report(first, 'failure');
      const counts = tally(50, () => picker.pick([first, second], { strategy, key: 'k' }));
      expect([...counts]).toEqual([['b', 50]]);
    }
  });
});

describe('the same zone first', () => {
  const places = [
    offered('far', { region_id: 'r2', zone_id: 'z1' }),
    offered('region', { region_id: 'r1', zone_id: 'z2' }),
    offered('zone', { region_id: 'r1', zone_id: 'z1' }),
  ];

  it('falls back to the region, then to the others', () => {
    const picker = balancer(home);
    const pickFrom = (...ids: string[]) =>
      idOf(
        picker.pick(
          places.filter(({ instance_id: id }) => ids.includes(id)),
          { sameZoneFirst: true },
        ),
      );
    expect(pickFrom('far', 'region', 'zone')).toBe('zone');
    expect(pickFrom('far', 'region')).toBe('region');
    expect(pickFrom('far')).toBe('far');
  });

  it('does not take a zone of the same name in another region for its own', () => {
    const [far] = places;
    const region = offered('region', { region_id: 'r1', zone_id: 'z9' });
    expect(idOf(balancer(home).pick([far ?? region, region], { sameZoneFirst: true }))).toBe('region');
  });

  it('leaves the zone when all of it fails', () => {
    const picker = balancer(home);
    for (const instance of places.slice(2)) picker.report(instance, 'failure');
    expect(idOf(picker.pick(places))).toBe('region');
  });

  it('goes to a confirmed one far away before an unconfirmed one nearby', () => {
    const doubtful = offered('near', { region_id: 'r1', zone_id: 'z1', unconfirmed: true });
    expect(idOf(balancer(home).pick([doubtful, ...places.slice(0, 1)]))).toBe('far');
  });

  it('is the default of a caller that knows where it is, but not for keys, which all zones share', () => {
    const here = tally(200, () => balancer(home).pick(places));
    expect([...here.keys()]).toEqual(['zone']);
    const picker = balancer();
    expect(tally(200, () => picker.pick(places)).size).toBe(3);
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
    const byZone = (where: Whereabouts) => keys.map((key) => idOf(balancer(where).pick(places, { key })));
    expect(byZone(home)).toEqual(byZone({ region: 'r2', zone: 'z7' }));
    expect(new Set(byZone(home)).size).toBe(3);
  });

  it('can be turned off', () => {
    const picker = balancer(home);
    expect(tally(200, () => picker.pick(places, { sameZoneFirst: false })).size).toBe(3);
  });
});

describe('random', () => {
  it('picks each as often, as far as chance goes', () => {
    const picker = balancer();
    const instances = fleet(8);
    for (const count of tally(8000, () => picker.pick(instances)).values()) {
      expect(count).toBeGreaterThan(880);
      expect(count).toBeLessThan(1120);
    }
  });
});

describe('consistent-hash', () => {
  it('is what a key alone means', () => {
    const instances = fleet(5);
    const byKey = idOf(balancer().pick(instances, { key: 'customer 7' }));
    expect(idOf(balancer({}, 2).pick(instances, { key: 'customer 7', strategy: 'consistent-hash' }))).toBe(
      byKey,
    );
  });

  it('says so when the key is missing', () => {
    expect(() => balancer().pick(fleet(2), { strategy: 'consistent-hash' })).toThrow(/needs a key/);
  });

  it('moves the keys of one that fails, and no others, and gives them back', () => {
    const time = new VirtualTime();
    const picker = new Balancer({ random: new SeededRandom(1), clock: time.clock });
    const instances = fleet(6);
    const keys = Array.from({ length: 500 }, (_, index) => `key ${index}`);
    const homes = () => keys.map((key) => idOf(picker.pick(instances, { key })));
    const before = homes();
    const [failing] = instances;
    if (failing !== undefined) picker.report(failing, 'failure');
    homes().forEach((id, index) => {
      if (before[index] === 'i-0') expect(id).not.toBe('i-0');
      else expect(id).toBe(before[index]);
    });
    if (failing !== undefined) picker.report(failing, 'success');
    expect(homes()).toEqual(before);
  });
});
