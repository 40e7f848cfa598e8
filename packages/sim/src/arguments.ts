import { parseArgs } from 'node:util';
import type { Scenario } from './scenario.js';

/** What the command line asks for. */
export interface SimArguments {
  readonly help: boolean;
  /** Absent: a new one is drawn. */
  readonly seed: number | undefined;
  readonly scenarios: readonly Scenario[];
  /** Absent: drawn from the seed. */
  readonly nodes: number | undefined;
  /** New seeds are run for so long, real minutes. */
  readonly minutes: number | undefined;
  readonly trace: boolean;
}

export const usage = `Runs a whole cluster on virtual time; everything is drawn from one seed.

  npm run sim                                  every scenario with a new seed
  npm run sim -- --seed N                      every scenario with this seed
  npm run sim -- --seed N --scenario NAME      one run again, exactly
  npm run sim -- --minutes M                   new seeds for M minutes, and what they came to

  --scenario NAME  this one only; may be given more than once
  --nodes N        so many nodes, 2 to 9; default: drawn from the seed
  --trace          print everything that happens
  --help           this text and the scenarios

Exits with 1 when anything is broken.`;

/** Throws an Error that says what is wrong with the command line. */
export function readArguments(args: readonly string[], known: readonly Scenario[]): SimArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      scenario: { type: 'string', multiple: true },
      nodes: { type: 'string' },
      minutes: { type: 'string' },
      trace: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const seed = integer('--seed', values.seed, 0, Number.MAX_SAFE_INTEGER);
  const minutes = integer('--minutes', values.minutes, 1, 7 * 24 * 60);
  if (seed !== undefined && minutes !== undefined)
    throw new Error('--minutes draws new seeds: leave --seed out');
  return {
    help: values.help,
    seed,
    minutes,
    nodes: integer('--nodes', values.nodes, 2, 9),
    trace: values.trace,
    scenarios: values.scenario === undefined ? known : values.scenario.map((name) => named(name, known)),
  };
}

function named(name: string, known: readonly Scenario[]): Scenario {
  const found = known.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  throw new Error(
    `--scenario ${name}: there is none of that name, only ${known.map((one) => one.name).join(', ')}`,
  );
}

function integer(flag: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new Error(`${flag} ${text}: expected a whole number from ${min} to ${max}`);
}
