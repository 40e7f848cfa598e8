import * as z from 'zod';
import type { JsonPieces } from '../json-pieces.js';
import { limits } from './limits.js';
import { metadataSchema, type Metadata } from './metadata.js';

const printable = /^(?!\/)[^\p{C}\p{Zl}\p{Zp}]{1,255}(?<!\/)$/u;
const printableOrEmpty = /^(?!\/)[^\p{C}\p{Zl}\p{Zp}]{0,255}(?<!\/)$/u;
const idRule = `expected 1 to ${limits.idLength} printable characters without "/" at the ends`;

/** An id: case-sensitive, except that `service_id` is compared without regard to case. */
export const idSchema = z.string().regex(printable, idRule);
const groupIdSchema = z
  .string()
  .regex(
    printableOrEmpty,
    `expected at most ${limits.idLength} printable characters without "/" at the ends`,
  );

/** What the provider says of itself. Only `up` is offered to callers unless they ask for any status. */
export const instanceStatusSchema = z.enum(['starting', 'up', 'down', 'unhealthy', 'unknown']);
export type InstanceStatus = z.infer<typeof instanceStatusSchema>;

const keyShape = {
  region_id: idSchema,
  zone_id: idSchema,
  service_id: idSchema,
  group_id: groupIdSchema.nullish().describe('"" when absent'),
  instance_id: idSchema,
};

/** Names one instance in the whole cluster. */
export const instanceKeySchema = z.object(keyShape);
export type InstanceKeyInput = z.infer<typeof instanceKeySchema>;

/** An {@link InstanceKeyInput} with its default filled in. */
export interface InstanceKey {
  readonly region_id: string;
  readonly zone_id: string;
  readonly service_id: string;
  readonly group_id: string;
  readonly instance_id: string;
}

/** A name that ends in a number is a broken IPv4 address, such as 10.0.0.256. */
const hostNameSchema = z.hostname().regex(/(?:^|\.)\d*[^.\d][^.]*\.?$/);

const addressSchema = z.union([z.ipv4(), z.ipv6(), hostNameSchema], {
  error: 'expected an IPv4 address, an IPv6 address or a host name',
});

const instanceShape = {
  ...keyShape,
  machine_name: z.string().max(limits.idLength).nullish(),
  protocol: z.string().max(limits.idLength).nullish(),
  ip: addressSchema,
  port: z.int().min(0).max(65_535),
  url: z
    .url({ error: `expected an absolute URL of at most ${limits.urlLength} characters` })
    .max(limits.urlLength),
  health_check_url: z.string().max(limits.urlLength).nullish().describe('information for callers'),
  status: instanceStatusSchema,
  metadata: metadataSchema.nullish(),
  lease_ttl_secs: z
    .int()
    .min(1)
    .max(limits.leaseTtlSecs)
    .nullish()
    .describe('seconds without a heartbeat after which the instance is removed; default lease.ttl_secs'),
};

/** An instance as a client sends it: unknown fields are ignored, `null` is the same as absent. */
export const instanceSchema = z.object(instanceShape);
/**
 * An instance as peers send it: unknown fields are kept, so that an older node does not strip what a newer one added.
 * They are few and small, or the table could be filled with anything.
 */
export const replicatedInstanceSchema = z.looseObject(instanceShape).check(limitExtras);
export type InstanceInput = z.infer<typeof instanceSchema>;

const knownFields = new Set([...Object.keys(instanceShape), 'replica']);

/** Refuses more of unknown fields than a node keeps and passes on. */
export function limitExtras({ value, issues }: z.core.ParsePayload<object>): void {
  const extras = Object.entries(value).filter(([name]) => !knownFields.has(name));
  if (extras.length === 0) return;
  const most = `expected at most ${limits.extraFields} unknown fields of ${limits.extraLength} characters of JSON`;
  const fits = extras.length <= limits.extraFields && JSON.stringify(extras).length <= limits.extraLength;
  if (!fits) issues.push({ code: 'custom', message: most, input: value });
}

/** An instance as the table holds it and discovery answers it: no `null`s. Never changed in place. */
export interface Instance {
  readonly region_id: string;
  readonly zone_id: string;
  readonly service_id: string;
  readonly group_id?: string;
  readonly instance_id: string;
  readonly machine_name?: string;
  readonly protocol?: string;
  readonly ip: string;
  readonly port: number;
  readonly url: string;
  readonly health_check_url?: string;
  readonly status: InstanceStatus;
  readonly metadata?: Metadata;
  readonly lease_ttl_secs?: number;
}

/** A parsed instance without its `null` fields. */
export function toInstance(input: InstanceInput): Instance {
  const fields = Object.values(input);
  // Hardly any instance has one, and a table has many instances.
  if (!fields.includes(null) && !fields.includes(undefined)) return input as Instance;
  const kept = Object.entries(input).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(kept) as unknown as Instance;
}

/** A parsed key, or the key of an instance, with the default group filled in. */
export function toInstanceKey(input: InstanceKeyInput | Instance): InstanceKey {
  return {
    region_id: input.region_id,
    zone_id: input.zone_id,
    service_id: input.service_id,
    group_id: input.group_id ?? '',
    instance_id: input.instance_id,
  };
}

/** U+001F separates the parts of a canonical key: ids cannot hold it, since it is not printable. */
const separator = '\u001f';

/** Services are compared without regard to case. */
export function serviceKeyOf(serviceId: string): string {
  return serviceId.toLowerCase();
}

/** The canonical text of a key: equal exactly when two keys name the same instance. */
export function keyOf(key: InstanceKeyInput | Instance): string {
  return [key.region_id, key.zone_id, serviceKeyOf(key.service_id), key.group_id ?? '', key.instance_id].join(
    separator,
  );
}

/**
 * The canonical text that anything with the fields of a key would have; `undefined` when it lacks one. It is that of a
 * valid key only where that very key is meant: so whoever finds it among valid ones needs no schema to know that.
 */
export function keyTextOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const {
    region_id: region,
    zone_id: zone,
    service_id: service,
    group_id: group,
    instance_id: id,
  } = item as {
    readonly [Name in keyof InstanceKey]?: unknown;
  };
  if (typeof region !== 'string' || typeof zone !== 'string' || typeof service !== 'string') return undefined;
  // Of longer ones only the schema can tell how many characters they have.
  if (service.length > limits.idLength) return undefined;
  if (typeof id !== 'string' || (typeof group !== 'string' && group !== undefined && group !== null))
    return undefined;
  // Quicker than `join`, whose text takes less room: this one is only to be looked for.
  return `${region}${separator}${zone}${separator}${serviceKeyOf(service)}${separator}${group ?? ''}${separator}${id}`;
}

const beforeNames = ['"region_id":', ',"zone_id":', ',"service_id":', ',"group_id":', ',"instance_id":'];

/**
 * Writes the fields of a key, without braces, from its canonical text: the service is in lower case, in which it can be
 * longer than an id may be.
 */
export function writeNamesIn(key: string, pieces: JsonPieces): void {
  let from = 0;
  for (const before of beforeNames) {
    pieces.raw(before);
    const next = key.indexOf(separator, from);
    const end = next < 0 ? key.length : next;
    pieces.part(key, from, end);
    from = end + 1;
  }
}

/** Whether two instances say the same, whatever the order in which their fields were sent. */
export function sameInstance(a: Instance, b: Instance): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
