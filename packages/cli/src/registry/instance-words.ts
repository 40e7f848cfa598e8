/** The instance that a command line describes, and what is wrong with it in the words of that command line. */
import { describeIssue, instanceSchema, type InstanceInput } from '@artemis/core';
import { formatHostPort } from '@artemis/core/config';
import { escapeControls } from '../escape-controls.js';
import { Failure } from '../failure.js';
import { usageFailure } from '../usage.js';

/** Fields of an instance by their name on the wire, as far as they were given. */
export type GivenFields = Readonly<Record<string, unknown>>;

/** The option for each field of an instance. */
export const fieldOptions = {
  service_id: 'service',
  instance_id: 'instance',
  region_id: 'region',
  zone_id: 'zone',
  group_id: 'group',
  ip: 'ip',
  port: 'port',
  url: 'url',
  status: 'status',
  protocol: 'protocol',
  machine_name: 'machine-name',
  health_check_url: 'health-check-url',
  metadata: 'metadata',
  lease_ttl_secs: 'lease-ttl',
} as const satisfies Record<string, string>;

/** What stands in for fields that were not given. */
export interface Surroundings {
  readonly region: string;
  readonly zone: string;
  readonly hostName: string;
  /** Address of this machine. */
  readonly ip: string;
}

/** Where fields come from, for what is to be said of them. */
interface Origin {
  readonly command: string;
  /** Name of the file, and the place in it: `instances[2]`, '' for the whole. */
  readonly file?: { readonly name: string; readonly place: string };
  /** What options said, over the file. */
  readonly flags: GivenFields;
}

/**
 * The instance with its defaults filled in.
 *
 * @throws Failure that names the option, or the place in the file, of what is wrong
 */
export function completeInstance(given: GivenFields, around: Surroundings, origin: Origin): InstanceInput {
  const candidate = { ...defaultsOf(given, around), ...given };
  const parsed = instanceSchema.safeParse(candidate);
  if (parsed.success) return parsed.data;
  const [field = ''] = parsed.error.issues[0]?.path ?? [];
  const { file, flags, command } = origin;
  if (file !== undefined && !(field in flags)) {
    const problem = describeIssue(parsed.error, file.place, candidate);
    throw new Failure(`${file.name}: ${escapeControls(problem)}`);
  }
  const option = (fieldOptions as Readonly<Record<string, string>>)[String(field)] ?? String(field);
  const problem = describeIssue(parsed.error, '', candidate);
  const said = problem.slice(problem.indexOf(': ') + 2);
  if (said.startsWith('missing')) throw usageFailure(`--${option} is missing`, command);
  const value = (candidate as GivenFields)[String(field)];
  throw usageFailure(
    `--${option} is ${escapeControls(JSON.stringify(value))}: ${escapeControls(said)}`,
    command,
  );
}

function defaultsOf(given: GivenFields, { region, zone, hostName, ip }: Surroundings): GivenFields {
  const { port, protocol } = given;
  const always = { region_id: region, zone_id: zone, machine_name: hostName, status: 'up' };
  const host = typeof given['ip'] === 'string' ? given['ip'] : ip;
  if (typeof port !== 'number') return { ...always, ip: host };
  const scheme = typeof protocol === 'string' && /^[a-z][a-z0-9+.-]*$/i.test(protocol) ? protocol : 'http';
  return {
    ...always,
    // The same again when the program is started again, so that it replaces what it was.
    instance_id: `${hostName}:${port}`,
    ip: host,
    url: `${scheme.toLowerCase()}://${formatHostPort({ host, port })}`,
  };
}
