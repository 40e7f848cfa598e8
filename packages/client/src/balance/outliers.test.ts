import { VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DiscoveredInstance } from '../discovered-instance.js';
import { fleet, idOf, offered } from './instances.fixture.js';
import { Outliers } from './outliers.js';

let time: VirtualTime;
let outliers: Outliers;

beforeEach(() => {
  time = new VirtualTime();
  outliers = new Outliers(time.clock);
});

const [a, b] = [offered('a'), offered('b')];
const left = (instances: readonly DiscoveredInstance[] = [a, b]) =>
  outliers.without(instances).map((instance) => idOf(instance));

/** For how many ms `a` is left out from now on, to the nearest 100. */
async function timeOut(): Promise<number> {
  let ms = 0;
  while (!left().includes('a')) {
    await time.advance(100);
    ms += 100;
  }
  return ms;
}

describe('an address that fails', () => {
  it('is left out for a second, then for twice as long each time, up to a minute', async () => {
    const times: number[] = [];
    for (let failure = 0; failure < 9; failure += 1) {
      outliers.report(a, 'failure');
      times.push(await timeOut());
    }
    expect(times).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((secs) => secs * 1000));
  });

  it('counts once when many calls of it fail together', async () => {
    for (let call = 0; call < 20; call += 1) outliers.report(a, 'failure');
    expect(await timeOut()).toBe(1000);
    outliers.report(a, 'failure');
    expect(await timeOut()).toBe(2000);
  });

  it('is back at once after a success, and begins anew', async () => {
    outliers.report(a, 'failure');
    await timeOut();
    outliers.report(a, 'failure');
    outliers.report(a, 'success');
    expect(left()).toEqual(['a', 'b']);
    outliers.report(a, 'failure');
    expect(await timeOut()).toBe(1000);
  });

  it('begins anew after a quiet minute, for callers that report failures only', async () => {
    outliers.report(a, 'failure');
    await timeOut();
    outliers.report(a, 'failure');
    await time.advance(2000 + 60_000);
    outliers.report(a, 'failure');
    expect(await timeOut()).toBe(1000);
  });

  it('is its address: an instance that moves begins anew', () => {
    outliers.report(a, 'failure');
    expect(left([{ ...a, url: 'http://elsewhere:8080' }, b])).toEqual(['a', 'b']);
    expect(left([{ ...a, metadata: { changed: 'yes' } }, b])).toEqual(['b']);
  });

  it('may be given more than one failure', () => {
    outliers = new Outliers(time.clock, { failures: 3 });
    outliers.report(a, 'failure');
    outliers.report(a, 'failure');
    expect(left()).toEqual(['a', 'b']);
    outliers.report(a, 'failure');
    expect(left()).toEqual(['b']);
  });
});

describe('of several that fail', () => {
  it('half are left out and never all, whatever fails', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.array(fc.nat(29)), (count, failing) => {
        outliers = new Outliers(time.clock);
        const instances = fleet(count);
        for (const index of failing) {
          const instance = instances[index];
          if (instance !== undefined) outliers.report(instance, 'failure');
        }
        const kept = outliers.without(instances);
        const most = count === 1 ? 0 : Math.max(1, Math.floor(count / 2));
        const out = new Set(failing.filter((index) => index < count)).size;
        expect(count - kept.length).toBe(Math.min(out, most));
        expect(kept.every((instance) => instances.includes(instance))).toBe(true);
      }),
    );
  });

  it('those with the most failures stay out', async () => {
    const instances = fleet(4);
    const [first, second, third] = instances;
    for (const instance of [first, third]) if (instance) outliers.report(instance, 'failure');
    await time.advance(1000);
    for (const instance of [first, second, third]) if (instance) outliers.report(instance, 'failure');
    expect(left(instances)).toEqual(['i-1', 'i-3']);
  });

  it('the only one is never left out', () => {
    outliers.report(a, 'failure');
    expect(left([a])).toEqual(['a']);
    expect(left([])).toEqual([]);
  });

  it('the last thousand are remembered', () => {
    outliers.report(a, 'failure');
    for (const instance of fleet(1000)) outliers.report(instance, 'failure');
    expect(left()).toEqual(['a', 'b']);
  });
});
