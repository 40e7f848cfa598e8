/** What nodes ask each other to become equal: digests of buckets, records, and lease ages. */
import * as z from 'zod';
import { responseStatusSchema } from './api.js';
import { instanceKeySchema } from './instance.js';
import { limits } from './limits.js';
import { ageSchema, replicaRecordSchema } from './peer.js';
import { wireVersionSchema } from './version.js';

/** Hex digits of a hash in a digest. */
const hashDigits = 16;

const bucketPathSchema = z
  .string()
  .regex(/^[0-9a-f]{0,3}$/, 'expected up to 3 hex digits')
  .describe('of a bucket: one hex digit for each level below the root, which is ""');
const childHashesSchema = z
  .string()
  .regex(/^[0-9a-f]*$/, 'expected hex digits')
  .length(16 * hashDigits)
  .describe('hashes of the 16 children, one after the other, 16 hex digits each');

export const digestRequestSchema = z
  .object({
    path: z.array(bucketPathSchema).min(1).max(limits.digestPaths),
    hashes: z.array(childHashesSchema).min(1).max(limits.digestPaths).describe('one for each path'),
  })
  .refine(({ path, hashes }) => path.length === hashes.length, {
    error: 'expected as many as there are paths',
    path: ['hashes'],
  });
export type DigestRequest = z.infer<typeof digestRequestSchema>;

export const versionedKeySchema = z.object({ ...instanceKeySchema.shape, version: wireVersionSchema });
export type VersionedKey = z.infer<typeof versionedKeySchema>;

export const digestResponseSchema = z.object({
  response_status: responseStatusSchema,
  root: z.string().describe('hash of the whole live table'),
  count: z.int().describe('live records that it covers'),
  buckets: z
    .array(
      z.object({
        path: z.string(),
        differ: z.string().describe('last digits of the children whose hashes differ'),
      }),
    )
    .describe('one for each path, fewer where the answer would become too large: ask again for the others'),
  leaves: z
    .array(z.object({ path: z.string(), keys: z.array(versionedKeySchema) }))
    .describe(
      'of buckets whose children are leaves: what is held in the leaves that differ, live records only',
    ),
});
export type DigestResponse = z.infer<typeof digestResponseSchema>;

/** What of an answer is checked at once: the keys of leaves can be many, and are parsed later, bit by bit. */
export const digestEnvelopeSchema = digestResponseSchema.extend({
  leaves: z.array(z.object({ path: z.string(), keys: z.array(z.unknown()) })),
});
export type DigestEnvelope = z.infer<typeof digestEnvelopeSchema>;

const cursorSchema = z.string().max(16_384).nullish().describe('next_cursor of the page before');
const keysSchema = z.array(instanceKeySchema).max(limits.batchItems).nullish();

export const recordsRequestSchema = z.object({
  keys: keysSchema.describe('these, tombstones too; without keys the whole live table, page by page'),
  cursor: cursorSchema,
  limit: z.int().min(1).max(limits.recordsPage).nullish().describe('records in a page, default 1 000'),
});
export type RecordsRequest = z.infer<typeof recordsRequestSchema>;

export const recordsResponseSchema = z.object({
  response_status: responseStatusSchema,
  instances: z.array(replicaRecordSchema),
  next_cursor: z.string().optional().describe('absent when this was the last page'),
});
export type RecordsResponse = z.infer<typeof recordsResponseSchema>;

/** What of an answer is checked at once: records are parsed later, bit by bit. */
export const recordsEnvelopeSchema = recordsResponseSchema.extend({ instances: z.array(z.unknown()) });
export type RecordsEnvelope = z.infer<typeof recordsEnvelopeSchema>;

export const leaseAgesRequestSchema = z.object({
  owner: z.string().max(limits.idLength).describe('node id; "" with keys: whoever owns them'),
  keys: keysSchema.describe('these only'),
  cursor: cursorSchema,
});
export type LeaseAgesRequest = z.infer<typeof leaseAgesRequestSchema>;

export const leaseAgesResponseSchema = z.object({
  response_status: responseStatusSchema,
  leases: z.array(z.object({ ...versionedKeySchema.shape, age_ms: ageSchema })),
  next_cursor: z.string().optional().describe('absent when this was the last page'),
});
export type LeaseAgesResponse = z.infer<typeof leaseAgesResponseSchema>;
