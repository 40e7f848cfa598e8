/** Reads the command line: what is to be done, or what is wrong with it. */
import type { Argv } from 'yargs';
import { parseClusterStatus, parseClusterWait } from './arguments-cluster.js';
import { parseExplain, parseInstances, parseServices } from './arguments-discovery.js';
import { parseRegister, parseUnregister } from './arguments-registry.js';
import { parseRun, parseWatch } from './arguments-run.js';
import type { CheckConfigOptions } from './commands/check-config.js';
import type { ClusterStatusOptions } from './commands/cluster-status.js';
import type { ClusterWaitOptions } from './commands/cluster-wait.js';
import type { ExplainOptions } from './commands/explain.js';
import type { InstancesOptions } from './commands/instances.js';
import type { RegisterOptions } from './commands/register.js';
import type { RunOptions } from './commands/run-program.js';
import type { ServerOptions } from './commands/server.js';
import type { ServicesOptions } from './commands/services.js';
import type { UnregisterOptions } from './commands/unregister.js';
import type { WatchOptions } from './commands/watch.js';
import { Failure } from './failure.js';
import * as help from './help.js';
import {
  clusterSummaries,
  describeCluster,
  describeClusterStatus,
  describeClusterWait,
} from './help-cluster.js';
import * as discovery from './help-discovery.js';
import { describeRegister, describeUnregister } from './help-registry.js';
import { describeRun } from './help-run.js';
import type { Host } from './host.js';
import { refuseCommand, refuseUnknown, unknownCommand, usageFailure, valueOf, type Read } from './usage.js';

export type Invocation =
  | ({ readonly command: 'server' } & ServerOptions)
  | ({ readonly command: 'check-config' } & CheckConfigOptions)
  | ({ readonly command: 'cluster status' } & ClusterStatusOptions)
  | ({ readonly command: 'cluster wait' } & ClusterWaitOptions)
  | ({ readonly command: 'register' } & RegisterOptions)
  | ({ readonly command: 'unregister' } & UnregisterOptions)
  | ({ readonly command: 'services' } & ServicesOptions)
  | ({ readonly command: 'instances' } & InstancesOptions)
  | ({ readonly command: 'watch' } & WatchOptions)
  | ({ readonly command: 'explain' } & ExplainOptions)
  | ({ readonly command: 'run' } & RunOptions)
  /** Help or version. */
  | { readonly command: 'print'; readonly text: string };

interface Context {
  /** Software version. */
  readonly version: string;
  /** Width of the terminal in characters. */
  readonly columns: number;
  /** Default: an empty one. */
  readonly env?: Host['env'];
}

const commands = Object.keys(help.summaries);
const clusterCommands = Object.keys(clusterSummaries);

/**
 * @param args what follows the name of the program
 * @throws Failure with the exit code for usage
 */
export async function parseArguments(args: readonly string[], context: Context): Promise<Invocation> {
  const { env = {} } = context;
  const version: Invocation = { command: 'print', text: `artemis ${context.version}` };
  let invocation: Invocation | undefined;
  const parser = help
    .describeProgram(context.columns)
    .version('version', help.summaries.version, version.text)
    .command('server', help.summaries.server, help.describeServer, (read) => {
      refuseUnknown('server', read, Object.keys(help.serverOptions));
      const file = valueOf('config', read.config, 'server');
      invocation = { command: 'server', file, flags: flagsOf(read) };
    })
    .command('check-config FILE', help.summaries['check-config'], help.describeCheckConfig, (read) => {
      refuseUnknown('check-config', read, ['FILE', ...Object.keys(help.checkConfigOptions)]);
      invocation = { command: 'check-config', file: read.FILE, json: read.json === true };
    })
    .command('cluster', help.summaries.cluster, (sub: Argv) =>
      describeCluster(sub)
        .command('status', clusterSummaries.status, describeClusterStatus, (read) => {
          invocation = { command: 'cluster status', ...parseClusterStatus(read, env) };
        })
        .command('wait', clusterSummaries.wait, describeClusterWait, (read) => {
          invocation = { command: 'cluster wait', ...parseClusterWait(read, env) };
        })
        .command('$0', false, {}, (read) => refuseCommand(read, clusterCommands, 'cluster')),
    )
    .command('register', help.summaries.register, describeRegister, (read) => {
      invocation = { command: 'register', ...parseRegister(read, env) };
    })
    .command('unregister SERVICE <INSTANCE..>', help.summaries.unregister, describeUnregister, (read) => {
      invocation = { command: 'unregister', ...parseUnregister(read, env) };
    })
    .command('services', help.summaries.services, discovery.describeServices, (read) => {
      invocation = { command: 'services', ...parseServices(read, env) };
    })
    .command('instances SERVICE', help.summaries.instances, discovery.describeInstances, (read) => {
      invocation = { command: 'instances', ...parseInstances(read, env) };
    })
    .command('watch [SERVICE]', help.summaries.watch, discovery.describeWatch, (read) => {
      invocation = { command: 'watch', ...parseWatch(read, env) };
    })
    .command('explain SERVICE <INSTANCE..>', help.summaries.explain, discovery.describeExplain, (read) => {
      invocation = { command: 'explain', ...parseExplain(read, env) };
    })
    .command('run', help.summaries.run, describeRun, (read) => {
      invocation = { command: 'run', ...parseRun(read, env, args) };
    })
    .command('completion', help.summaries.completion, help.describeCompletion, (read) => {
      refuseUnknown('completion', read, []);
      parser.showCompletionScript();
    })
    .command('version', help.summaries.version, help.describeVersion, (read) => {
      refuseUnknown('version', read, []);
      invocation = version;
    })
    .command('$0', false, {}, (read) => refuseCommand(read, commands))
    .fail((message: string, error: Error | undefined) => {
      if (error instanceof Failure) throw error;
      throw missingWord(message, args) ?? usageFailure(message);
    });
  const printed = await parse(parser, args);
  if (printed !== undefined) return { command: 'print', text: printed };
  if (invocation === undefined) throw new Error('the command line was neither understood nor refused');
  return invocation;
}

/** What yargs has to say itself: help and completions. */
async function parse(parser: Argv, args: readonly string[]): Promise<string | undefined> {
  let printed = '';
  const keepOutput = (_error: unknown, _read: unknown, output: string) => {
    printed = output;
  };
  try {
    await parser.parseAsync(withoutHelpCommand(withStandardInput(withoutProgram(args))), {}, keepOutput);
  } catch (error) {
    // yargs trips over names such as --constructor.
    throw error instanceof Failure ? error : usageFailure('the command line cannot be read');
  }
  // What nothing completes has no output.
  return printed !== '' || args[0] === '--get-yargs-completions' ? printed : undefined;
}

/** The words that commands need besides their options. */
const words: Readonly<Record<string, readonly string[]>> = {
  'check-config': ['FILE'],
  unregister: ['SERVICE', 'INSTANCE'],
  instances: ['SERVICE'],
  explain: ['SERVICE', 'INSTANCE'],
};

/** @param message of yargs, which says how many words there are */
function missingWord(message: string, args: readonly string[]): Failure | undefined {
  const [, got] = /^Not enough non-option arguments: got (\d+)/.exec(message) ?? [];
  const command = args.find((word) => Object.hasOwn(words, word));
  if (got === undefined || command === undefined) return undefined;
  return usageFailure(`${words[command]?.[Number(got)] ?? 'a word'} is missing`, command);
}

/** The program of `artemis run` is none of yargs' business: its last word may be `help`. */
function withoutProgram(args: readonly string[]): readonly string[] {
  const own = args.slice(0, Math.max(0, args.indexOf('--')));
  return own.includes('run') ? own : args;
}

/** `--file -` means standard input: yargs would take the dash for a word of its own. */
function withStandardInput(args: readonly string[]): readonly string[] {
  const at = args.indexOf('--file');
  const end = args.indexOf('--');
  if (at < 0 || args[at + 1] !== '-' || (end >= 0 && end < at)) return args;
  return [...args.slice(0, at), '--file=-', ...args.slice(at + 2)];
}

/** `artemis help server` means `artemis server --help`. */
function withoutHelpCommand(args: readonly string[]): readonly string[] {
  if (args[0] !== 'help') return args;
  const [, command] = args;
  if (command !== undefined && !commands.includes(command)) throw unknownCommand(command, commands);
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
    const value = valueOf(option, read[option], 'server');
    const key = help.keyOf(path);
    const [complaint] = value === undefined ? [] : key.check(key.fromText(value));
    if (complaint !== undefined) throw usageFailure(`--${option} ${complaint.message}`, 'server');
    return [path, value] as const;
  });
  return Object.fromEntries(flags);
}
