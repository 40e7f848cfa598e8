/** How options are read, and how a command line is refused that makes no sense. */
import { nearest } from '@artemis/core/config';
import { exitCodes } from './exit-codes.js';
import { Failure } from './failure.js';

/** What yargs read: options by name, and the words that are none, the command first. */
export type Read = Readonly<Record<string, unknown>> & { readonly _: readonly (string | number)[] };

/** @param command whose help says more, such as `cluster wait` */
export function usageFailure(problem: string, command?: string): Failure {
  const more = command === undefined ? 'artemis --help' : `artemis ${command} --help`;
  return new Failure(`${problem}\nTry: ${more}`, { exitCode: exitCodes.usage });
}

/** An option without a value reads as an empty one; of several the last one counts. */
export function valueOf(option: string, value: unknown, command: string): string | undefined {
  if (value === undefined) return undefined;
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  if (typeof last === 'string' && last !== '') return last;
  throw usageFailure(`--${option} needs a value`, command);
}

/** The values of an option that may be given several times. */
export function valuesOf(option: string, value: unknown, command: string): string[] {
  const all: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return all.map((one) => valueOf(option, one, command) ?? '');
}

interface NumberRange {
  readonly command: string;
  readonly least: number;
  readonly most: number;
}

/** @throws Failure unless it is a whole number within the range */
export function integerOf(
  option: string,
  read: Read,
  { command, least, most }: NumberRange,
): number | undefined {
  const text = valueOf(option, read[option], command);
  if (text === undefined) return undefined;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw usageFailure(
    `--${option} is ${JSON.stringify(text)}, expected an integer from ${least} to ${most}`,
    command,
  );
}

/** Seconds such as 5 or 0.5, as ms. */
export function secondsOf(
  option: string,
  read: Read,
  { command, least, most }: NumberRange,
): number | undefined {
  const text = valueOf(option, read[option], command);
  if (text === undefined) return undefined;
  const number = /^\d{1,6}(?:\.\d{1,3})?$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return Math.round(number * 1000);
  throw usageFailure(
    `--${option} is ${JSON.stringify(text)}, expected seconds from ${least} to ${most}`,
    command,
  );
}

/** @throws Failure when options or words are left that the command does not know */
export function refuseUnknown(command: string | undefined, read: Read, known: readonly string[]): void {
  const always = ['_', '$0', 'help', 'h', 'version'];
  const option = Object.keys(read).find((name) => !known.includes(name) && !always.includes(name));
  if (option !== undefined) {
    const dashed = known.filter((name) => !isWord(name)).map((name) => `--${name}`);
    const shown = option.length === 1 ? `-${option}` : `--${option}`;
    throw usageFailure(`unknown option ${shown}${hint(shown, dashed)}`, command);
  }
  const extra = read._[command === undefined ? 0 : command.split(' ').length];
  if (extra !== undefined) throw usageFailure(`unexpected argument ${JSON.stringify(extra)}`, command);
}

/** Words without dashes have names in capitals: `FILE`. */
function isWord(name: string): boolean {
  return /^[A-Z]+$/.test(name);
}

/**
 * For a word that is no command, or none at all.
 * @param known the commands there are
 * @param within the command that they belong to, if any
 */
export function refuseCommand(read: Read, known: readonly string[], within?: string): never {
  const word = read._[within === undefined ? 0 : 1];
  if (word !== undefined) throw unknownCommand(String(word), known, within);
  refuseUnknown(within, read, []);
  throw usageFailure(`a command is missing${hint('', known)}`, within);
}

export function unknownCommand(word: string, known: readonly string[], within?: string): Failure {
  return usageFailure(`unknown command ${JSON.stringify(word)}${hint(word, known)}`, within);
}

function hint(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `, did you mean ${near}?`;
  return known.length === 0 ? '' : `, expected ${known.join(', ')}`;
}
