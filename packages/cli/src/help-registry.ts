/** What `artemis register` and `artemis unregister` take, and how the help tells it. */
import type { Argv, Options } from 'yargs';
import { exitCodeText, nodeEnvironmentText, nodeOptions } from './help-nodes.js';

export const registrySummaries = {
  register: 'Register instances once',
  unregister: 'Remove instances',
} as const;

/** The fields of an instance, for `register` and `run` alike. */
export const instanceOptions = {
  service: { type: 'string', description: 'SERVICE that it is an instance of' },
  port: { type: 'string', description: 'PORT that it listens on' },
  instance: { type: 'string', description: 'ID of the instance', defaultDescription: 'HOSTNAME:PORT' },
  ip: {
    type: 'string',
    description: 'ADDRESS that callers connect to, or a host name',
    defaultDescription: 'that of this machine on the way to the node',
  },
  url: { type: 'string', description: 'URL that callers use', defaultDescription: 'http://IP:PORT' },
  region: { type: 'string', description: 'REGION that it is in', defaultDescription: 'that of the node' },
  zone: { type: 'string', description: 'ZONE that it is in', defaultDescription: 'that of the node' },
  group: { type: 'string', description: 'GROUP within the service', defaultDescription: 'none' },
  metadata: { type: 'string', description: 'NAME=VALUE for callers to read; may be repeated' },
  'lease-ttl': {
    type: 'string',
    description: 'SECONDS without a heartbeat after which it is removed',
    defaultDescription: 'lease.ttl_secs of the node',
  },
  protocol: {
    type: 'string',
    description: 'PROTOCOL for callers to read, and the scheme of the default URL',
  },
  'machine-name': {
    type: 'string',
    description: 'NAME of the machine, for people',
    defaultDescription: 'the host name',
  },
  'health-check-url': {
    type: 'string',
    description: 'URL or path for callers to read; nobody here calls it',
  },
} as const satisfies Record<string, Options>;

export const registerOptions = {
  ...instanceOptions,
  status: {
    type: 'string',
    description: 'STATUS: starting, up, down, unhealthy or unknown',
    defaultDescription: 'up',
  },
  file: { type: 'string', description: 'FILE of JSON to read instances from, - for standard input' },
  ...nodeOptions,
} as const satisfies Record<string, Options>;

export const unregisterOptions = {
  region: { type: 'string', description: 'Only the one in this REGION' },
  zone: { type: 'string', description: 'Only the one in this ZONE' },
  group: { type: 'string', description: 'Only the one of this GROUP' },
  ...nodeOptions,
} as const satisfies Record<string, Options>;

const registerText = `A lease begins with the registration. This command sends no heartbeats: it says
when the lease ends. "artemis run" keeps it for as long as a program runs.

FILE holds one instance, a list of instances, or { "instances": [...] }, with
the fields of the HTTP API. Fields that an option gives count for every instance
of the file; what is missing gets the defaults above.

${nodeEnvironmentText}

${exitCodeText('registered', 'the node refuses it, or some of it; the reasons are on standard error')}`;

const unregisterText = `All instances that are named must be there, or none is removed.

${nodeEnvironmentText}

${exitCodeText('removed', 'there is no such instance, or more than one')}`;

export function describeRegister(parser: Argv) {
  return parser
    .usage(
      `Usage: $0 register (--service SERVICE --port PORT | --file FILE) [OPTIONS]\n\n${registrySummaries.register}.`,
    )
    .options(registerOptions)
    .example([
      ['$0 register --service orders --port 90', 'On this machine'],
      ['$0 register --file a.json --status down', 'As the file says, but down'],
    ])
    .epilogue(registerText);
}

export function describeUnregister(parser: Argv) {
  return parser
    .usage(`Usage: $0 unregister SERVICE INSTANCE... [OPTIONS]\n\n${registrySummaries.unregister}.`)
    .positional('SERVICE', { type: 'string', description: 'Id of the service', demandOption: true })
    .positional('INSTANCE', {
      type: 'string',
      description: 'Ids of instances',
      demandOption: true,
    })
    .options(unregisterOptions)
    .example([['$0 unregister orders orders-1', 'Wherever it is']])
    .epilogue(unregisterText);
}
