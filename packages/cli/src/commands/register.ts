import { apiRoutes, type InstanceInput } from '@artemis/core';
import { counted } from '../cluster/words.js';
import { escapeControls } from '../escape-controls.js';
import { exitCodes } from '../exit-codes.js';
import type { Host } from '../host.js';
import { registerAnswerSchema, type Explanation } from '../registry/answers.js';
import { fileName, readInstances } from '../registry/instance-file.js';
import { completeInstance, type GivenFields, type Surroundings } from '../registry/instance-words.js';
import { jsonText } from '../registry/json-text.js';
import { RegistryNodes } from '../registry/nodes.js';
import { ownAddress } from '../registry/own-address.js';
import { askExplanation, askPlace } from '../registry/questions.js';
import { addressOf, nameOf, placeOf, timeLeft, timeOfDay } from '../registry/words.js';

export interface RegisterOptions {
  readonly urls: readonly string[];
  /** What the options say of the instance; of every instance of the file. */
  readonly flags: GivenFields;
  /** Path of a file of instances, `-` for standard input. */
  readonly file?: string | undefined;
  readonly json: boolean;
}

type Lease = NonNullable<Explanation['lease']>;

/** Registers instances once. Nobody keeps their leases: it says when they end. */
export async function register(options: RegisterOptions, host: Host): Promise<number> {
  const nodes = new RegistryNodes(options.urls);
  const instances = await instancesOf(options, nodes, host);
  const { response_status: status, failed_instances: failed } = await nodes.ask({
    method: 'POST',
    path: `${apiRoutes.register.path}.json`,
    body: { instances },
    schema: registerAnswerSchema,
  });
  for (const { instance, error_message: message } of failed)
    host.stderr.write(`artemis: ${nodes.node} refuses ${nameOfAny(instance)}: ${escapeControls(message)}\n`);
  if (failed.length === 0 && status.error_code !== 'success')
    host.stderr.write(
      `artemis: ${nodes.node} refuses: ${escapeControls(status.error_message ?? status.error_code)}\n`,
    );
  const refused = new Set(failed.map(({ instance }) => nameOfAny(instance)));
  const taken =
    status.error_code === 'success' || failed.length > 0
      ? instances.filter((instance) => !refused.has(nameOfAny(instance)))
      : [];
  const lease = await firstToEnd(taken, nodes);
  if (options.json) host.stdout.write(`${jsonText(jsonOf(nodes.node, taken, failed, lease))}\n`);
  else if (taken.length > 0) host.stdout.write(textOf(nodes.node, taken, lease));
  return status.error_code === 'success' ? exitCodes.ok : exitCodes.failure;
}

async function instancesOf(
  { flags, file }: RegisterOptions,
  nodes: RegistryNodes,
  host: Host,
): Promise<InstanceInput[]> {
  const listed = file === undefined ? undefined : await readInstances(file, host.stdin);
  const given = listed ?? [{ fields: {}, place: '' }];
  const around = await surroundingsOf(nodes, host);
  return given.map(({ fields, place }) => {
    const metadata =
      flags['metadata'] === undefined
        ? {}
        : { metadata: { ...objectOf(fields['metadata']), ...objectOf(flags['metadata']) } };
    return completeInstance({ ...fields, ...flags, ...metadata }, around, {
      command: 'register',
      flags,
      ...(file !== undefined && { file: { name: fileName(file), place } }),
    });
  });
}

const objectOf = (value: unknown) => (typeof value === 'object' ? value : {});

/** Where this machine is: as the node says of itself, and as its routes lead there. */
async function surroundingsOf(nodes: RegistryNodes, { hostName }: Host): Promise<Surroundings> {
  const place = await askPlace(nodes);
  return { ...place, hostName, ip: await ownAddress(nodes.url) };
}

function nameOfAny(instance: unknown): string {
  const { region_id, zone_id, service_id, group_id, instance_id } = objectOf(
    instance,
  ) as Partial<InstanceInput>;
  const [region, zone, service, id] = [region_id, zone_id, service_id, instance_id].map(String) as [
    string,
    string,
    string,
    string,
  ];
  const key = { region_id: region, zone_id: zone, service_id: service, group_id, instance_id: id };
  return `${nameOf(key)} in ${placeOf(key)}`;
}

/** The lease that ends first; one of each length is asked for. */
async function firstToEnd(taken: readonly InstanceInput[], nodes: RegistryNodes): Promise<Lease | undefined> {
  const ofEachLength = [
    ...new Map(taken.map((instance) => [instance.lease_ttl_secs ?? 0, instance])).values(),
  ];
  const leases: Lease[] = [];
  for (const { region_id, zone_id, service_id, group_id, instance_id } of ofEachLength) {
    const key = { region_id, zone_id, service_id, group_id, instance_id };
    const { lease } = await askExplanation(nodes, key).catch(() => ({ lease: undefined }));
    if (lease !== undefined) leases.push(lease);
  }
  return leases.sort((a, b) => a.remaining_ms - b.remaining_ms)[0];
}

function textOf(node: string, taken: readonly InstanceInput[], lease: Lease | undefined): string {
  const [first] = taken;
  if (first === undefined) return '';
  const services = new Set(taken.map(({ service_id: id }) => id.toLowerCase())).size;
  const what =
    taken.length === 1
      ? `${nameOf(first)} in ${placeOf(first)}, ${addressOf(first)}, ${first.status},`
      : `${counted(taken.length, 'instance')} of ${counted(services, 'service')}`;
  const whose = taken.length === 1 ? 'Its lease ends' : 'The first lease ends';
  const when =
    lease === undefined ? '' : ` in ${timeLeft(lease.remaining_ms)}, at ${timeOfDay(endOf(lease))},`;
  return (
    `Registered ${what} at ${node}\n` +
    `${whose}${when} unless heartbeats keep it alive.\n` +
    `This command sends none: "artemis run" does while a program runs.\n`
  );
}

function endOf({ remaining_ms: leftMs }: Lease): Date {
  return new Date(Date.now() + leftMs);
}

function jsonOf(
  node: string,
  taken: readonly InstanceInput[],
  failed: readonly unknown[],
  lease: Lease | undefined,
): unknown {
  return {
    node,
    registered: taken,
    failed,
    ...(lease && { first_lease_ends: endOf(lease).toISOString(), lease_ttl_ms: lease.ttl_ms }),
  };
}
