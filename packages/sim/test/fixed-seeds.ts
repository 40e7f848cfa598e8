import { describe, expect, it } from '@jest/globals';
import { run, scenarios } from '../src/index.js';
import { failureOf } from '../src/report.js';

/** Always the same: a test that fails tells of the code. New seeds are for `npm run sim -- --minutes`. */
const seeds = [1, 2, 3];
/** As many files play them, each in a process of its own. */
const parts = 2;

/** Plays every scenario of one part with every seed. @param part from 0 */
export function playFixedSeeds(part: number): void {
  const chosen = scenarios.filter((_scenario, index) => index % parts === part);
  describe.each(chosen)('$name: $about', (scenario) => {
    it.each(seeds)(`npm run sim -- --scenario ${scenario.name} --seed %i`, async (seed) => {
      const report = await run(scenario, { seed });
      expect(failureOf(report)).toBe('');
    });
  });
}
