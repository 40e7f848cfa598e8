import { describe, expect, it } from '@jest/globals';
import { run, scenarios } from '../src/index.js';
import type { RunReport } from '../src/report.js';
import type { Scenario } from '../src/scenario.js';

const seed = 7;

function named(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${name}`);
  return found;
}

async function linesOf(scenario: Scenario): Promise<{ report: RunReport; lines: string[] }> {
  const lines: string[] = [];
  const report = await run(scenario, { seed, print: (line) => lines.push(line) });
  return { report, lines };
}

describe('A run', () => {
  it.each(['concurrent', 'mayhem', 'refutation'])(
    'of %s does the same again with the same seed',
    async (name) => {
      const [first, second] = [await linesOf(named(name)), await linesOf(named(name))];
      // The first line that differs says more than two hashes.
      expect(second.lines.find((line, index) => line !== first.lines[index])).toBeUndefined();
      expect(second.report).toEqual(first.report);
      expect(first.lines.length).toBeGreaterThan(500);
    },
  );

  it('does something else with another seed', async () => {
    const [first, second] = [await run(named('lossy'), { seed: 1 }), await run(named('lossy'), { seed: 2 })];
    expect(second.traceHash).not.toBe(first.traceHash);
  });

  it('has the cluster size that is asked for, whatever the seed would draw', async () => {
    const reports = [
      await run(named('plain'), { seed, nodes: 2 }),
      await run(named('plain'), { seed, nodes: 6 }),
    ];
    expect(reports.map(({ nodes, violations }) => [nodes, violations])).toEqual([
      [2, []],
      [6, []],
    ]);
  });
});
