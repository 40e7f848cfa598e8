/** Reads the command line: what is to be done, or what is wrong with it. */
import type { Argv } from 'yargs';
import { parseClusterStatus, parseClusterWait } from './arguments-cluster.js';
import type { CheckConfigOptions } from './commands/check-config.js';
import type { ClusterStatusOptions } from './commands/cluster-status.js';
import type { ClusterWaitOptions } from './commands/cluster-wait.js';
import type { ServerOptions } from './commands/server.js';
import { Failure } from './failure.js';
import * as help from './help.js';
import {
  clusterSummaries,
  describeCluster,
  describeClusterStatus,
  describeClusterWait,
} from './help-cluster.js';
import type { Host } from './host.js';
import { refuseCommand, refuseUnknown, unknownCommand, usageFailure, valueOf, type Read } from './usage.js';

export type Invocation =
  | ({ readonly command: 'server' } & ServerOptions)
  | ({ readonly command: 'check-config' } & CheckConfigOptions)
  | ({ readonly command: 'cluster status' } & ClusterStatusOptions)
  | ({ readonly command: 'cluster wait' } & ClusterWaitOptions)
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
    .command('version', help.summaries.version, help.describeVersion, (read) => {
      refuseUnknown('version', read, []);
      invocation = version;
    })
    .command('$0', false, {}, (read) => refuseCommand(read, commands))
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
