import { describe, expect, it } from '@jest/globals';
import { run, scenarios } from '../src/index.js';
import { failureOf } from '../src/report.js';

/** Always the same: a test that fails tells of the code. New seeds are for `npm run sim -- --minutes`. */
const seeds = [1, 2, 3, 4, 5, 6];

describe.each(scenarios)('$name: $about', (scenario) => {
  it.each(seeds)(`npm run sim -- --scenario ${scenario.name} --seed %i`, async (seed) => {
    const report = await run(scenario, { seed });
    expect(failureOf(report)).toBe('');
  });
});
