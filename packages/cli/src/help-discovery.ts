/** What the commands that look into the registry take, and how the help tells it. */
import type { Argv, Options } from 'yargs';
import { exitCodeText, nodeEnvironmentText, nodeOptions } from './help-nodes.js';

export const discoverySummaries = {
  services: 'List the services',
  instances: 'List the instances of a service',
  watch: 'Show each change as it happens',
  explain: 'Say why an instance is listed or not',
} as const;

const place = {
  region: { type: 'string', description: 'Only those in this REGION' },
  zone: { type: 'string', description: 'Only those in this ZONE' },
} as const satisfies Record<string, Options>;

export const servicesOptions = {
  prefix: { type: 'string', description: 'Only services whose id begins with TEXT, in any case' },
  ...place,
  ...nodeOptions,
} as const satisfies Record<string, Options>;

export const instancesOptions = {
  all: { type: 'boolean', description: 'Those too that are not up' },
  ...place,
  ...nodeOptions,
} as const satisfies Record<string, Options>;

export const watchOptions = {
  all: { type: 'boolean', description: 'Every service' },
  addr: nodeOptions.addr,
  json: { type: 'boolean', description: 'Print one JSON object for each line' },
} as const satisfies Record<string, Options>;

export const explainOptions = {
  ...place,
  group: { type: 'string', description: 'Only those of this GROUP' },
  ...nodeOptions,
} as const satisfies Record<string, Options>;

const service = { type: 'string', description: 'Id of the service', demandOption: true } as const;

export function describeServices(parser: Argv) {
  return parser
    .usage(
      `Usage: $0 services [OPTIONS]\n\n${discoverySummaries.services}, with how many instances are up and where.`,
    )
    .options(servicesOptions)
    .example([['$0 services --prefix pay', 'payments, payouts, ...']])
    .epilogue(
      `${nodeEnvironmentText}\n\n${exitCodeText('listed, be there any or none', 'the node refuses the question')}`,
    );
}

const instancesText = `LEASE is how long ago it was renewed, of how long it lasts, as the node that
answers knows it. An unconfirmed instance is one whose lease the node cannot
vouch for, because the node that watched it is away; a hidden one is left out
for that reason.

${nodeEnvironmentText}

${exitCodeText('listed, be there any or none', 'there is no such service')}`;

export function describeInstances(parser: Argv) {
  return parser
    .usage(`Usage: $0 instances SERVICE [OPTIONS]\n\n${discoverySummaries.instances}.`)
    .positional('SERVICE', service)
    .options(instancesOptions)
    .example([
      ['$0 instances orders', 'Those that callers are offered'],
      ['$0 instances orders --all --json', 'Everything, for a program'],
    ])
    .epilogue(instancesText);
}

const watchText = `First what there is, then a line for each change: time, what happened, instance,
status, address, why, and the node that told it. It goes on at another node of
the cluster when its node stops, and says so on standard error.

What happened is "is" for what was there at first, then new, change or delete.
With --json: change_type, change_time, instance, revision, reason, node, and
"initial": true for what was there at first.

${nodeEnvironmentText}

Exit codes:
  0  stopped by SIGINT (Ctrl-C) or SIGTERM, or nobody reads its output
  2  the command line makes no sense`;

export function describeWatch(parser: Argv) {
  return parser
    .usage(`Usage: $0 watch (SERVICE | --all) [OPTIONS]\n\n${discoverySummaries.watch}.`)
    .positional('SERVICE', { ...service, demandOption: false })
    .options(watchOptions)
    .example([
      ['$0 watch orders', 'Until Ctrl-C'],
      ['$0 watch --all --json', 'For a program'],
    ])
    .epilogue(watchText);
}

const explainText = `Each node answers for itself: ask the node whose answer is in doubt.

${nodeEnvironmentText}

${exitCodeText('all of them are listed', 'one of them is not')}`;

export function describeExplain(parser: Argv) {
  return parser
    .usage(`Usage: $0 explain SERVICE INSTANCE... [OPTIONS]\n\n${discoverySummaries.explain}.`)
    .positional('SERVICE', service)
    .positional('INSTANCE', {
      type: 'string',
      description: 'Ids of instances',
      demandOption: true,
    })
    .options(explainOptions)
    .example([['$0 explain orders o-1 --addr node2:80', 'As node2 sees it']])
    .epilogue(explainText);
}
