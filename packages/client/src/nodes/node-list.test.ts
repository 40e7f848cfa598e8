import { SeededRandom, VirtualTime } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { NodeList } from './node-list.js';

const time = new VirtualTime();

function listOf(urls: readonly string[], where: { region?: string; zone?: string } = {}, seed = 1): NodeList {
  const { region, zone } = where;
  return new NodeList({ urls, region, zone, clock: time.clock, random: new SeededRandom(seed) });
}

const node = (url: string, region: string, zone: string) => ({ url, region, zone });

describe('the nodes', () => {
  it('of the same zone come first, then those of the region, the others, and what the cluster does not list', () => {
    const list = listOf(['http://balancer/', 'http://far'], { region: 'eu', zone: 'eu-1' });
    const listed = [
      node('http://far/', 'us', 'us-1'),
      node('http://near', 'eu', 'eu-2'),
      node('http://same', 'eu', 'eu-1'),
      node('http://otherwise', 'us', 'eu-1'),
    ];
    expect(list.update(listed)).toBe(true);
    expect(list.urls.slice(0, 2)).toEqual(['http://same', 'http://near']);
    expect(new Set(list.urls.slice(2, 4))).toEqual(new Set(['http://far', 'http://otherwise']));
    expect(list.urls[4]).toBe('http://balancer');
    expect(list.update(listed)).toBe(false);
    expect(list.update([node('http://far', 'us', 'us-1')])).toBe(true);
    expect(list.urls).toEqual(['http://far', 'http://balancer']);
  });

  it('that are equal come in another order for each client', () => {
    const urls = ['http://a', 'http://b', 'http://c'];
    const firsts = Array.from({ length: 20 }, (_, seed) => listOf(urls, {}, seed).urls[0]);
    expect(new Set(firsts).size).toBe(3);
  });

  it('that fail are left alone, longer each time, until they are trusted again', async () => {
    const list = listOf(['http://a', 'http://b']);
    const [first = '', second = ''] = list.urls;
    expect(list.next()).toMatchObject({ url: first });
    list.failed(first);
    expect(list.next()).toMatchObject({ url: second });
    list.failed(second, 3000);
    const waits: number[] = [];
    for (let failure = 0; failure < 8; failure += 1) {
      const next = list.next();
      if (!('waitMs' in next)) throw new Error('expected to wait');
      waits.push(next.waitMs);
      await time.advance(next.waitMs);
      expect(list.next()).toHaveProperty('url');
      list.failed(first);
      list.failed(second);
    }
    expect(waits[0]).toBeLessThanOrEqual(200);
    expect(waits.at(-1)).toBeGreaterThanOrEqual(2500);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5000);
    list.succeeded(first);
    expect(list.next()).toMatchObject({ url: first });
  });
});
