/** What `artemis run` takes, and how the help tells it. */
import type { Argv, Options } from 'yargs';
import { nodeEnvironmentText, nodeOptions } from './help-nodes.js';
import { instanceOptions } from './help-registry.js';

export const runSummaries = { run: 'Run a program and keep it registered' } as const;

export const checkDefaults = { intervalSecs: 5, timeoutSecs: 2, upAfter: 1, downAfter: 3 } as const;

export const runOptions = {
  ...instanceOptions,
  check: {
    type: 'string',
    description: 'What to check: http://URL, https://URL, tcp://HOST:PORT or a /path of the instance',
    defaultDescription: 'none: it is up from the start',
  },
  'check-interval': {
    type: 'string',
    description: 'SECONDS between two checks',
    defaultDescription: String(checkDefaults.intervalSecs),
  },
  'check-timeout': {
    type: 'string',
    description: 'SECONDS that a check may take',
    defaultDescription: String(checkDefaults.timeoutSecs),
  },
  'check-up-after': {
    type: 'string',
    description: 'NUMBER of successes in a row that make it up',
    defaultDescription: String(checkDefaults.upAfter),
  },
  'check-down-after': {
    type: 'string',
    description: 'NUMBER of failures in a row that make it unhealthy',
    defaultDescription: String(checkDefaults.downAfter),
  },
  addr: nodeOptions.addr,
} as const satisfies Record<string, Options>;

const runText = `COMMAND starts at once, with the input and output of this command, and goes on
whatever becomes of the registry: it is registered as soon as a node answers,
and again when that was lost. It is unregistered when it ends, however it ends.
When this command itself is killed with SIGKILL, the lease ends by itself.

With --check it is "starting" until the check succeeds, and then "up" or
"unhealthy" as the check says. 2xx and 3xx are success; redirects are not
followed. What is said about all this is on standard error.

Signals: SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2 are passed on.
At a terminal Ctrl-C and Ctrl-\\ reach COMMAND by themselves.

${nodeEnvironmentText}

Exit codes: that of COMMAND, 128 and the number of the signal that ended it, and
  2    the command line makes no sense
  126  COMMAND cannot be executed
  127  there is no such COMMAND`;

export function describeRun(parser: Argv) {
  return parser
    .usage(`Usage: $0 run --service SERVICE --port PORT [OPTIONS] -- COMMAND...\n\n${runSummaries.run}.`)
    .options(runOptions)
    .example([
      ['$0 run --service a --port 80 -- ./a', 'Up while it runs'],
      ['$0 run ... --check /health -- ./a', 'Up while it is well'],
    ])
    .epilogue(runText);
}
