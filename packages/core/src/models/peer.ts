import * as z from 'zod';
import type { JsonPieces } from '../json-pieces.js';
import { responseStatusSchema } from './api.js';
import {
  instanceKeySchema,
  keyOf,
  limitExtras,
  replicatedInstanceSchema,
  toInstance,
  toInstanceKey,
  writeNamesIn,
} from './instance.js';
import type { Instance, InstanceKey } from './instance.js';
import { limits } from './limits.js';
import type { RegistryRecord, RemovalReason, RemovedRecord } from './record.js';
import { aliveRecord, expiredRecord, isCoherent, namesOf, unregistered } from './record.js';
import type { Version } from './version.js';
import { decodeVersion, encodeVersion, wireVersionSchema } from './version.js';

export const ageSchema = z
  .int()
  .min(0)
  .describe('milliseconds since the last renewal: an age, never a wall time');
const leaseTtlSchema = z
  .int()
  .min(0)
  .max(limits.leaseTtlSecs * 1000);
const removalReasonSchema = z.enum(['unregistered', 'expired']);

/** What a replicated instance carries besides the instance itself. */
export const replicaSchema = z.object({
  version: wireVersionSchema,
  state: z.enum(['alive', 'removed']),
  reason: removalReasonSchema.nullish(),
  age_ms: ageSchema,
  lease_ttl_ms: leaseTtlSchema,
});

export const replicaInstanceSchema = z
  .looseObject({ ...replicatedInstanceSchema.shape, replica: replicaSchema })
  .check(limitExtras);
const replicaKeySchema = z.object({
  ...instanceKeySchema.shape,
  // Else an instance of which anything is wrong would pass for a key.
  ip: z.never().optional().describe('absent: what has an address is an instance'),
  replica: replicaSchema,
});
/** A record on the wire: an instance, or the bare key of a removal without one, with its replica part. */
export const replicaRecordSchema = z.union([replicaInstanceSchema, replicaKeySchema]);
export type ReplicaRecord = z.infer<typeof replicaRecordSchema>;

export const renewalSchema = z.object({
  ...instanceKeySchema.shape,
  version: wireVersionSchema,
  age_ms: ageSchema,
});
export type Renewal = z.infer<typeof renewalSchema>;

export const removalSchema = z.object({
  ...instanceKeySchema.shape,
  version: wireVersionSchema,
  reason: removalReasonSchema,
  instance: replicatedInstanceSchema.nullish().describe('with reason expired, for refutation'),
  lease_ttl_ms: leaseTtlSchema.nullish(),
});
export type Removal = z.infer<typeof removalSchema>;

const newerInstances = z
  .array(replicaRecordSchema)
  .optional()
  .describe('newer here: the sender learns from them');

export const replicaRegisterRequestSchema = z.object({
  instances: z.array(replicaRecordSchema).max(limits.batchItems),
});
export const replicaRegisterResponseSchema = z.object({
  response_status: responseStatusSchema,
  failed_instances: z
    .array(z.object({ instance: z.unknown(), error_code: z.string(), error_message: z.string() }))
    .optional(),
  newer_instances: newerInstances,
});
export type ReplicaRegisterResponse = z.infer<typeof replicaRegisterResponseSchema>;

export const replicaHeartbeatRequestSchema = z.object({
  instance_keys: z.array(renewalSchema).max(limits.batchItems),
});
export const replicaHeartbeatResponseSchema = z.object({
  response_status: responseStatusSchema,
  failed_instance_keys: z
    .array(z.unknown())
    .optional()
    .describe('missing or older here: the sender repairs them'),
  newer_instances: newerInstances,
});
export type ReplicaHeartbeatResponse = z.infer<typeof replicaHeartbeatResponseSchema>;

export const replicaUnregisterRequestSchema = z.object({
  instance_keys: z.array(removalSchema).max(limits.batchItems),
});
export const replicaUnregisterResponseSchema = z.object({
  response_status: responseStatusSchema,
  failed_instance_keys: z.array(z.unknown()).optional(),
  newer_instances: newerInstances,
});
export type ReplicaUnregisterResponse = z.infer<typeof replicaUnregisterResponseSchema>;

export const replicaServiceSchema = z.object({
  service_id: z.string(),
  instances: z.array(replicaInstanceSchema),
});
export type ReplicaService = z.infer<typeof replicaServiceSchema>;
export const replicaServicesResponseSchema = z.object({
  response_status: responseStatusSchema,
  services: z.array(replicaServiceSchema),
});

/** A record and the age of its lease, as they travel together. */
export interface AgedRecord {
  readonly record: RegistryRecord;
  readonly ageMs: number;
}

export function encodeRecord(aged: AgedRecord): ReplicaRecord {
  return { replica: replicaOf(aged), ...namesOf(aged.record) };
}

/** The JSON of {@link encodeRecord}, without making that object first: a whole table is written this way. */
export function writeRecord(pieces: JsonPieces, record: RegistryRecord, ageMs: number): void {
  const { state, leaseTtlMs, version } = record;
  pieces.raw('{"replica":{"version":');
  writeVersion(pieces, version);
  pieces.raw(state === 'alive' ? ',"state":"alive"' : `,"state":"removed","reason":"${record.reason}"`);
  pieces.raw(',"age_ms":');
  pieces.value(ageMs);
  pieces.raw(',"lease_ttl_ms":');
  pieces.value(leaseTtlMs);
  pieces.raw('}');
  pieces.fields(namesOf(record), ',');
  pieces.raw('}');
}

/**
 * The JSON of a {@link Renewal}. Names are read from the key: whoever found the record has just compared it, while the
 * instance and each of its names may be in no cache.
 */
export function writeRenewal(pieces: JsonPieces, record: RegistryRecord, ageMs: number): void {
  const { key } = record;
  pieces.raw('{');
  // No name in a short key can be longer than an id may be.
  if (key.length <= limits.idLength) writeNamesIn(key, pieces);
  else pieces.fields(toInstanceKey(namesOf(record)));
  pieces.raw(',"version":');
  writeVersion(pieces, record.version);
  pieces.raw(',"age_ms":');
  pieces.value(ageMs);
  pieces.raw('}');
}

function writeVersion(pieces: JsonPieces, { stamp, origin, round, owner }: Version): void {
  pieces.raw('[');
  pieces.value(stamp);
  pieces.raw(',');
  pieces.value(origin);
  pieces.raw(',');
  pieces.value(round);
  pieces.raw(',');
  pieces.value(owner);
  pieces.raw(']');
}

function replicaOf({ record, ageMs }: AgedRecord): ReplicaRecord['replica'] {
  const { state, leaseTtlMs } = record;
  const version = encodeVersion(record.version);
  return state === 'alive'
    ? { version, state, age_ms: ageMs, lease_ttl_ms: leaseTtlMs }
    : { version, state, reason: record.reason, age_ms: ageMs, lease_ttl_ms: leaseTtlMs };
}

/** `undefined` when instance, state and version do not tell the same story. */
export function decodeRecord(wire: ReplicaRecord): AgedRecord | undefined {
  const { replica, ...rest } = wire;
  const record = recordOf(toInstanceKey(rest), rest.ip === undefined ? undefined : toInstance(rest), {
    version: decodeVersion(replica.version),
    leaseTtlMs: replica.lease_ttl_ms,
    reason: replica.state === 'removed' ? (replica.reason ?? 'unregistered') : undefined,
  });
  return record && { record, ageMs: replica.age_ms };
}

export function encodeRemoval(record: RemovedRecord): Removal {
  return {
    version: encodeVersion(record.version),
    reason: record.reason,
    ...record.instanceKey,
    ...(record.instance === undefined
      ? {}
      : { instance: { ...record.instance }, lease_ttl_ms: record.leaseTtlMs }),
  };
}

/** `undefined` when reason, instance and version do not tell the same story. */
export function decodeRemoval(wire: Removal): RegistryRecord | undefined {
  return recordOf(toInstanceKey(wire), wire.instance == null ? undefined : toInstance(wire.instance), {
    version: decodeVersion(wire.version),
    leaseTtlMs: wire.lease_ttl_ms ?? 0,
    reason: wire.reason,
  });
}

interface RecordParts {
  readonly version: Version;
  readonly leaseTtlMs: number;
  /** Absent for a live record. */
  readonly reason: RemovalReason | undefined;
}

function recordOf(
  instanceKey: InstanceKey,
  instance: Instance | undefined,
  { version, leaseTtlMs, reason }: RecordParts,
): RegistryRecord | undefined {
  const key = keyOf(instanceKey);
  if (instance !== undefined && keyOf(instance) !== key) return undefined;
  if (reason === undefined) {
    const alive = instance && aliveRecord(key, instance, version, leaseTtlMs);
    return alive && isCoherent(alive) ? alive : undefined;
  }
  const removed =
    reason === 'unregistered'
      ? unregistered(key, instanceKey, version)
      : instance && expiredRecord(key, instance, version, leaseTtlMs);
  return removed && isCoherent(removed) ? removed : undefined;
}
