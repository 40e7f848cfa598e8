/** Reads the command line: what is to be done, or what is wrong with it. */
import { nearest } from '@artemis/core/config';
import type { CheckConfigOptions } from './commands/check-config.js';
import type { ServerOptions } from './commands/server.js';
import { exitCodes } from './exit-codes.js';
import { Failure } from './failure.js';
import * as help from './help.js';

export type Invocation =
  | ({ readonly command: 'server' } & ServerOptions)
  | ({ readonly command: 'check-config' } & CheckConfigOptions)
  /** Help or version. */
  | { readonly command: 'print'; readonly text: string };

interface Context {
  /** Software version. */
  readonly version: string;
  /** Width of the terminal in characters. */
  readonly columns: number;
}

/** What yargs read: options by name, and the words that are none, the command first. */
type Read = Readonly<Record<string, unknown>> & { readonly _: readonly (string | number)[] };

/**
 * @param args what follows the name of the program
 * @throws Failure with the exit code for usage
 */
export async function parseArguments(args: readonly string[], context: Context): Promise<Invocation> {
  const version: Invocation = { command: 'print', text: `artemis ${context.version}` };
  let invocation: Invocation | undefined;
  const parser = help
    .describeProgram(context.columns)
    .version('version', help.summaries.version, version.text)
    .command('server', help.summaries.server, help.describeServer, (read) => {
      refuseUnknown('server', read, Object.keys(help.serverOptions));
      invocation = { command: 'server', file: valueOf('config', read.config), flags: flagsOf(read) };
    })
    .command('check-config FILE', help.summaries['check-config'], help.describeCheckConfig, (read) => {
      refuseUnknown('check-config', read, ['FILE', ...Object.keys(help.checkConfigOptions)]);
      invocation = { command: 'check-config', file: read.FILE, json: read.json === true };
    })
    .command('version', help.summaries.version, help.describeVersion, (read) => {
      refuseUnknown('version', read, []);
      invocation = version;
    })
    .command('$0', false, {}, refuseCommand)
    .fail((message: string, error: Error | undefined) => {
      if (error instanceof Failure) throw error;
      // The only words that are needed besides a command.
      if (message.startsWith('Not enough non-option')) throw usageFailure('FILE is missing', 'check-config');
      throw usageFailure(message);
    });
  let printed = '';
  const keepOutput = (_error: unknown, _read: unknown, output: string) => {
    printed = output;
  };
  try {
    await parser.parseAsync(withoutHelpCommand(args), {}, keepOutput);
  } catch (error) {
    // yargs trips over names such as --constructor.
    throw error instanceof Failure ? error : usageFailure('the command line cannot be read');
  }
  if (printed !== '') return { command: 'print', text: printed };
  if (invocation === undefined) throw new Error('the command line was neither understood nor refused');
  return invocation;
}

/** `artemis help server` means `artemis server --help`. */
function withoutHelpCommand(args: readonly string[]): readonly string[] {
  if (args[0] !== 'help') return args;
  const [, command] = args;
  if (command !== undefined && !Object.hasOwn(help.summaries, command)) throw unknownCommand(command);
  return [...args.slice(1), '--help'];
}

const flagPaths = {
  addr: 'server.listen_addr',
  'log-level': 'logging.level',
  'log-format': 'logging.format',
} as const;

/** The options that set keys of the configuration, checked as the keys are. */
function flagsOf(read: Read): Record<string, string | undefined> {
  const flags = Object.entries(flagPaths).map(([option, path]) => {
    const value = valueOf(option, read[option]);
    const key = help.keyOf(path);
    const [complaint] = value === undefined ? [] : key.check(key.fromText(value));
    if (complaint !== undefined) throw usageFailure(`--${option} ${complaint.message}`, 'server');
    return [path, value] as const;
  });
  return Object.fromEntries(flags);
}

/** An option without a value reads as an empty one. */
function valueOf(option: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw usageFailure(`--${option} needs a value`, 'server');
}

function refuseUnknown(command: string | undefined, read: Read, known: readonly string[]): void {
  const always = ['_', '$0', 'help', 'h', 'version'];
  const option = Object.keys(read).find((name) => !known.includes(name) && !always.includes(name));
  if (option !== undefined) {
    const dashed = known.filter((name) => name !== 'FILE').map((name) => `--${name}`);
    const shown = option.length === 1 ? `-${option}` : `--${option}`;
    throw usageFailure(`unknown option ${shown}${hint(shown, dashed)}`, command);
  }
  const extra = read._[command === undefined ? 0 : 1];
  if (extra !== undefined) throw usageFailure(`unexpected argument ${JSON.stringify(extra)}`, command);
}

/** Called when no command was recognised. */
function refuseCommand(read: Read): never {
  const [word] = read._;
  if (word !== undefined) throw unknownCommand(String(word));
  refuseUnknown(undefined, read, []);
  throw usageFailure(`a command is missing${hint('', Object.keys(help.summaries))}`);
}

function unknownCommand(word: string): Failure {
  return usageFailure(`unknown command ${JSON.stringify(word)}${hint(word, Object.keys(help.summaries))}`);
}

function hint(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `, did you mean ${near}?`;
  return known.length === 0 ? '' : `, expected ${known.join(', ')}`;
}

/** @param command whose help says more */
function usageFailure(problem: string, command?: string): Failure {
  const more = command === undefined ? 'artemis --help' : `artemis ${command} --help`;
  return new Failure(`${problem}\nTry: ${more}`, { exitCode: exitCodes.usage });
}
