/** What the program and each command take: how yargs reads it, and how the help tells it. */
import type { ConfigValue, SchemaKey } from '@artemis/core/config';
import { configKeys } from '@artemis/core/config';
import type { Argv, Options } from 'yargs';
import yargs from 'yargs';
import { discoverySummaries } from './help-discovery.js';
import { registrySummaries } from './help-registry.js';
import { runSummaries } from './help-run.js';

/** What each command does, by its name. */
export const summaries = {
  server: 'Run a node until it is stopped',
  'check-config': 'Check a configuration and show what is in effect',
  cluster: 'See whether all nodes of a cluster hold the same',
  ...registrySummaries,
  ...discoverySummaries,
  ...runSummaries,
  completion: 'Print a script for bash or zsh',
  version: 'Print the version',
} as const;

/** @param path of a key that an option of `artemis server` sets */
export function keyOf(path: string): SchemaKey {
  const key = configKeys.find((candidate) => candidate.path === path);
  if (key === undefined) throw new Error(`there is no key ${path} in the configuration`);
  return key;
}

function defaultOf(path: string): { defaultDescription: string } {
  const value: ConfigValue | undefined = keyOf(path).default;
  return { defaultDescription: String(value) };
}

export const serverOptions = {
  config: {
    type: 'string',
    description: 'FILE (TOML) to read; artemis.example.toml explains every key',
    defaultDescription: 'none',
  },
  addr: {
    type: 'string',
    description: 'HOST:PORT to listen on, and to tell others unless advertise_addr is set',
    ...defaultOf('server.listen_addr'),
  },
  'log-level': {
    type: 'string',
    description: 'LEVEL of the log: error, warn, info or debug',
    ...defaultOf('logging.level'),
  },
  'log-format': {
    type: 'string',
    description: 'FORMAT of the log: text for people, json for machines',
    ...defaultOf('logging.format'),
  },
} as const satisfies Record<string, Options>;

export const checkConfigOptions = {
  json: { type: 'boolean', description: 'Print JSON instead of a table' },
} as const satisfies Record<string, Options>;

const environmentText = `Environment:
  ARTEMIS_<SECTION>_<KEY>  sets that key of the configuration, such as
                           ARTEMIS_LEASE_TTL_SECS=60 or
                           ARTEMIS_CLUSTER_PEERS=10.0.0.2:8080,10.0.0.3:8080`;

const serverText = `${environmentText}
  NO_COLOR                 when not empty, the log has no colours

An option is stronger than the environment, and that is stronger than the file.

Signals:
  SIGINT (Ctrl-C) and SIGTERM stop the node cleanly: it takes no more requests
  and sends its peers what still waits for them, for at most drain_timeout_secs.
  A second signal ends it at once; what still waits is lost.

Exit codes:
  0    stopped by a signal
  1    not started: configuration refused, port taken, ...
  2    the command line makes no sense
  70   ended by a defect of the program, which the log names
  130  ended at once by a second signal, SIGINT
  143  ended at once by a second signal, SIGTERM`;

const checkConfigText = `${environmentText}

The environment counts as it does for a node: it is stronger than FILE.

Exit codes:
  0    the configuration is good
  1    it is refused, or FILE cannot be read; every problem is on standard error
  2    the command line makes no sense`;

/** @param columns width of the terminal */
export function describeProgram(columns: number): Argv {
  return yargs()
    .scriptName('artemis')
    .usage('Usage: $0 COMMAND [OPTIONS]\n\nA service registry: registered at one node, found at every node.')
    .example([
      ['$0 server', 'Run a node alone on port 8080'],
      ['$0 server --config artemis.toml', 'Run a node as the file says'],
      ['$0 check-config artemis.toml', 'See what would be in effect'],
      ['$0 cluster status', 'See how its nodes are'],
      ['$0 instances orders', 'See where a service is'],
      ['$0 server --help', 'Read all about one command'],
    ])
    .epilogue('Exit codes: 0 success, 1 failure, 2 the command line makes no sense')
    .help('help', 'Show this help')
    .alias('help', 'h')
    .locale('en')
    .wrap(Math.min(columns, 80))
    .exitProcess(false)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      // Of an option that may be given once the last one counts: valueOf sees to it.
      'duplicate-arguments-array': true,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    });
}

export function describeServer(parser: Argv) {
  return parser
    .usage(`Usage: $0 server [OPTIONS]\n\n${summaries.server}. Every option can be left out.`)
    .options(serverOptions)
    .example([
      ['$0 server', 'A node alone on port 8080'],
      ['$0 server --addr 127.0.0.1:9000', 'For this machine only'],
      ['$0 server --config node1.toml', 'As the file says'],
    ])
    .epilogue(serverText);
}

export function describeCheckConfig(parser: Argv) {
  return parser
    .usage(`Usage: $0 check-config FILE [--json]\n\n${summaries['check-config']}.`)
    .positional('FILE', { type: 'string', demandOption: true, description: 'Configuration file (TOML)' })
    .options(checkConfigOptions)
    .example([
      ['$0 check-config artemis.toml', 'Every value and where it is from'],
      ['$0 check-config artemis.toml --json', 'The same for a program'],
    ])
    .epilogue(checkConfigText);
}

export function describeCompletion(parser: Argv) {
  return parser
    .usage(`Usage: $0 completion\n\n${summaries.completion}, which completes commands and options.`)
    .example([['source <($0 completion)', 'In this shell; "artemis" must be on the PATH']]);
}

export function describeVersion(parser: Argv) {
  return parser.usage(`Usage: $0 version\n\n${summaries.version}.`);
}
