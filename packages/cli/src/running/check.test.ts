import { describe, expect, it } from '@jest/globals';
import { CheckState, checkUntilAborted, type CheckSettings } from './check.js';

const settings: CheckSettings = { intervalMs: 5000, timeoutMs: 100, upAfter: 2, downAfter: 3 };

/** @param results `+` for a success, `-` for a failure */
function statuses(results: string, thresholds = settings): string[] {
  const state = new CheckState(thresholds);
  return [...results].map((result) => {
    state.record(result === '+');
    return state.status;
  });
}

describe('CheckState', () => {
  it.each([
    ['++', ['starting', 'up']],
    ['+-++', ['starting', 'starting', 'starting', 'up']],
    ['----', ['starting', 'starting', 'starting', 'starting']],
    ['++--+---', ['starting', 'up', 'up', 'up', 'up', 'up', 'up', 'unhealthy']],
    ['++---+-++', ['starting', 'up', 'up', 'up', 'unhealthy', 'unhealthy', 'unhealthy', 'unhealthy', 'up']],
  ])('%s', (results, expected) => {
    expect(statuses(results)).toEqual(expected);
  });

  it('needs but one where one is asked for', () => {
    expect(statuses('+-+', { ...settings, upAfter: 1, downAfter: 1 })).toEqual(['up', 'unhealthy', 'up']);
  });

  it('says whether the status has changed', () => {
    const state = new CheckState(settings);
    expect([true, true, true, false, false, false].map((result) => state.record(result))).toEqual([
      false,
      true,
      false,
      false,
      false,
      true,
    ]);
  });
});

it('probes more often while it starts, tells each change, and ends with the signal', async () => {
  const ended = new AbortController();
  const results = ['refused', undefined, undefined, 'a', 'b', 'HTTP 500'];
  const told: unknown[] = [];
  const pauses: number[] = [];
  await checkUntilAborted({
    settings,
    signal: ended.signal,
    probe: async () => results.shift(),
    pause: async (ms) => {
      pauses.push(ms);
      if (results.length === 0) ended.abort();
    },
    changed: (...change) => void told.push(change),
  });
  expect(told).toEqual([
    ['up', undefined],
    ['unhealthy', 'HTTP 500'],
  ]);
  expect(pauses).toEqual([500, 500, 5000, 5000, 5000, 5000]);
});

it('tells nothing of a probe that outlives the program', async () => {
  const ended = new AbortController();
  await checkUntilAborted({
    settings: { ...settings, upAfter: 1 },
    signal: ended.signal,
    probe: async () => {
      ended.abort();
      return undefined;
    },
    pause: () => Promise.reject(new Error('there is nothing to wait for')),
    changed: () => {
      throw new Error('it has ended');
    },
  });
});
