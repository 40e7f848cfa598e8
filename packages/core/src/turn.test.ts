import { describe, expect, it } from '@jest/globals';
import { TurnBudget } from './turn.js';

describe('TurnBudget', () => {
  it('ends a turn when enough has been done in it, in parts of whatever size', () => {
    const budget = new TurnBudget(10);
    expect([4, 5, 1].map((work) => budget.spend(work))).toEqual([false, false, true]);
    expect([9, 0, 100].map((work) => budget.spend(work))).toEqual([false, false, true]);
    expect(budget.spend(9)).toBe(false);
  });
});
