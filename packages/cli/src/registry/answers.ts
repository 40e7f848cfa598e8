/**
 * What the commands for people read of a node's answers, and nothing else of them: nodes of other versions must stay
 * readable. Fields that are not read stay in the objects, for `--json`.
 */
import { z } from 'zod';

const statusSchema = z.object({ error_code: z.string(), error_message: z.string().optional() });

/** The body of every answer that is none: a failure of the business, or of the node. */
export const failureAnswerSchema = z.object({ response_status: statusSchema });

const keyShape = {
  region_id: z.string(),
  zone_id: z.string(),
  service_id: z.string(),
  group_id: z.string().nullish(),
  instance_id: z.string(),
};

const listedInstanceSchema = z.looseObject({
  ...keyShape,
  ip: z.string(),
  port: z.number(),
  url: z.string(),
  status: z.string(),
  unconfirmed: z.boolean().optional(),
});
/** An instance as discovery lists it. */
export type ListedInstance = z.infer<typeof listedInstanceSchema>;

export const serviceAnswerSchema = z.object({
  response_status: statusSchema,
  service: z.object({ service_id: z.string(), instances: z.array(listedInstanceSchema) }).optional(),
  revision: z.number().optional(),
  log_id: z.string().optional(),
});

export const servicesAnswerSchema = z.object({
  services: z.array(
    z.object({ service_id: z.string(), instances: z.array(listedInstanceSchema).default([]) }),
  ),
  next_cursor: z.string().optional(),
});

const leaseShape = {
  ttl_ms: z.number(),
  age_ms: z.number(),
  remaining_ms: z.number(),
  state: z.string(),
};
const keySchema = z.object(keyShape);
/** Names one instance. */
export type Key = z.infer<typeof keySchema>;

const heldLeaseSchema = z.object({ instance_key: keySchema, owner: z.string(), ...leaseShape });
/** The lease of an instance as the node at hand knows it. */
export type HeldLease = z.infer<typeof heldLeaseSchema>;

export const leasesAnswerSchema = z.object({
  services: z.array(z.object({ leases: z.array(heldLeaseSchema) })),
  next_cursor: z.string().optional(),
});

export const nodeAnswerSchema = z.object({ region: z.string(), zone: z.string() });

export const registerAnswerSchema = z.object({
  response_status: statusSchema,
  failed_instances: z
    .array(z.object({ instance: z.unknown(), error_code: z.string(), error_message: z.string() }))
    .default([]),
});

export const keysAnswerSchema = z.object({
  response_status: statusSchema,
  failed_instance_keys: z.array(z.unknown()).default([]),
});

export const explainAnswerSchema = z.looseObject({
  node_id: z.string(),
  instance_key: keySchema,
  listed: z.boolean(),
  summary: z.string(),
  record: z
    .looseObject({
      state: z.string(),
      reason: z.string().optional(),
      registered: z.string(),
      registered_at: z.string(),
    })
    .optional(),
  owner: z.looseObject({ node_id: z.string(), status: z.string() }).optional(),
  lease: z.looseObject(leaseShape).optional(),
  filters: z.array(z.looseObject({ name: z.string(), passed: z.boolean(), detail: z.string() })),
  last_changes: z
    .array(
      z.looseObject({
        revision: z.number(),
        change_time: z.string(),
        reason: z.string(),
        origin: z.string(),
      }),
    )
    .default([]),
});
export type Explanation = z.infer<typeof explainAnswerSchema>;
