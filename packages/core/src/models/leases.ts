/** What a node says of the leases that it watches. */
import * as z from 'zod';
import { visibilitySchema } from './change.js';
import { instanceKeySchema } from './instance.js';

const pageSize = z.string().regex(/^[1-9]\d{0,3}$/, 'expected 1 to 9999');
export const leasesQuerySchema = z.object({
  service_id: z.string().optional(),
  cursor: z.string().optional().describe('next_cursor of the page before'),
  limit: pageSize.optional().describe('leases per page, default 1000'),
});

export const leaseStatusSchema = z.object({
  ttl_ms: z.int(),
  age_ms: z.int().describe('since the last renewal that this node knows of'),
  remaining_ms: z.int().describe('until the lease ends; negative when it has'),
  state: visibilitySchema.describe(
    'listed; unconfirmed: this node cannot vouch for the lease; hidden: left out of discovery here',
  ),
  held_back: z
    .literal(true)
    .optional()
    .describe('kept from before a long absence, until a peer or a heartbeat confirms it'),
});
export type LeaseStatus = z.infer<typeof leaseStatusSchema>;

const selfPreservationStatusSchema = z.object({
  enabled: z.boolean(),
  entered: z.int().describe('times that expiry was paused since the start'),
  timed_out: z.int().describe('of these, how often the longest duration ended it'),
  active: z.array(
    z.object({
      service_id: z.string().optional().describe('in lower case; absent: all leases owned here'),
      since: z.iso.datetime(),
      until: z.iso.datetime().describe('at the latest'),
      owned: z.int().describe('leases that this node owns'),
      lapsed: z.int().describe('of these, leases that have ended and are kept'),
      reason: z.string(),
    }),
  ),
});
export type SelfPreservationStatus = z.infer<typeof selfPreservationStatusSchema>;

export const leasesResponseSchema = z.object({
  total: z.int().describe('leases of all services'),
  unconfirmed: z.int().describe('of these, listed though this node cannot vouch for them'),
  hidden: z.int().describe('of these, left out of discovery here'),
  self_preservation: selfPreservationStatusSchema,
  services: z.array(
    z.object({
      service_id: z.string(),
      leases: z.array(
        z.object({
          instance_key: instanceKeySchema,
          owner: z.string().describe('node id of the node that may expire it'),
          ...leaseStatusSchema.shape,
        }),
      ),
    }),
  ),
  next_cursor: z.string().optional(),
});
export type LeasesResponse = z.infer<typeof leasesResponseSchema>;
