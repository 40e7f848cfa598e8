import { describe, expect, it } from '@jest/globals';
import type { RunReport } from './report.js';
import { Totals } from './totals.js';

function reportOf(changes: Partial<RunReport>): RunReport {
  return {
    scenario: 'lossy',
    seed: 1,
    nodes: 3,
    virtualMs: 12 * 3_600_000,
    events: 0,
    faults: {},
    clientCalls: 0,
    changes: {},
    requests: 0,
    convergedInMs: 0,
    traceHash: '',
    violations: [],
    ...changes,
  };
}

describe('The totals of many runs', () => {
  it('count days, seeds and faults by kind', () => {
    const totals = new Totals();
    totals.add(reportOf({ faults: { cut: 2 } }));
    totals.add(reportOf({ scenario: 'crash', faults: { cut: 1, crash: 4 } }));
    expect(totals.good).toBe(true);
    expect(totals.text().split('\n')).toEqual([
      '1.00 simulated days in 2 runs of 1 seeds',
      '7 faults: 4 crash, 3 cut',
      '0 violations in 0 runs',
    ]);
  });

  it('name every run that failed, and how to see it again', () => {
    const totals = new Totals();
    const violation = { checker: 'converges', message: 'unequal', atMs: 5, evidence: [] } as const;
    totals.add(reportOf({ seed: 7, violations: [violation, violation] }));
    totals.add(reportOf({ seed: 8 }));
    expect(totals.good).toBe(false);
    expect(totals.text()).toContain(
      '2 violations in 1 runs\n  npm run sim -- --seed 7 --scenario lossy --nodes 3    # converges',
    );
  });
});
