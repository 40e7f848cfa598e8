/** Why a node lists an instance, or does not. */
import * as z from 'zod';
import { instanceKeySchema } from './instance.js';
import { leaseStatusSchema } from './leases.js';
import { wireVersionSchema } from './version.js';

export const explainQuerySchema = z.object({
  ...instanceKeySchema.shape,
  group_id: instanceKeySchema.shape.group_id.unwrap().unwrap().optional(),
});

export const explainResponseSchema = z.object({
  node_id: z.string(),
  instance_key: instanceKeySchema,
  listed: z.boolean().describe('whether this node offers it to callers, the unconfirmed included'),
  summary: z.string().describe('the answer in one sentence'),
  record: z
    .object({
      state: z.enum(['alive', 'removed']),
      reason: z.enum(['unregistered', 'expired']).optional(),
      version: wireVersionSchema,
      registered: z.iso
        .datetime()
        .describe('when it was registered or unregistered, by the clock of that node'),
      registered_at: z.string().describe('the node that took it, and its run'),
    })
    .optional()
    .describe('absent: this node knows nothing of the key'),
  owner: z
    .object({
      node_id: z.string(),
      status: z.string().describe('self, unknown, or what this node thinks of the peer'),
    })
    .optional()
    .describe('who may expire it; a removal has none'),
  lease: leaseStatusSchema.optional(),
  filters: z
    .array(z.object({ name: z.string(), passed: z.boolean(), detail: z.string() }))
    .describe('in the order in which they apply; listed when all are passed'),
  last_changes: z
    .array(
      z.object({
        revision: z.int(),
        change_time: z.iso.datetime(),
        reason: z.string(),
        origin: z.string().describe('local, peer, recovery, or view: a change of how this node shows it'),
        version: wireVersionSchema,
      }),
    )
    .describe('the latest of this run that are remembered, newest first'),
});
export type ExplainResponse = z.infer<typeof explainResponseSchema>;
