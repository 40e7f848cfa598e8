import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.js';
import type { Scenario } from './scenario.js';

const known = ['plain', 'lossy'].map((name) => ({ name }) as Scenario);
const read = (line: string) => readArguments(line.split(' ').filter(Boolean), known);

describe('The command line of the simulation', () => {
  it('runs every scenario with a new seed unless told', () => {
    expect(read('')).toEqual({
      help: false,
      seed: undefined,
      minutes: undefined,
      nodes: undefined,
      trace: false,
      scenarios: known,
    });
  });

  it('takes what a replay command says', () => {
    const wanted = read('--seed 42 --scenario lossy --nodes 4');
    expect(wanted).toMatchObject({ seed: 42, nodes: 4, scenarios: [{ name: 'lossy' }] });
  });

  it.each([
    ['--seed x', '--seed x: expected a whole number'],
    ['--seed 1.5', '--seed 1.5: expected a whole number'],
    ['--nodes 1', '--nodes 1: expected a whole number from 2 to 9'],
    ['--scenario none', '--scenario none: there is none of that name, only plain, lossy'],
    ['--seed 1 --minutes 5', '--minutes draws new seeds: leave --seed out'],
    ['--sed 1', "Unknown option '--sed'"],
  ])('refuses %s', (line, message) => {
    expect(() => read(line)).toThrow(message);
  });
});
