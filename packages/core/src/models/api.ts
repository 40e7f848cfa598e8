import * as z from 'zod';
import type { ErrorCode } from '../errors.js';
import { errorTable } from '../errors.js';
import { instanceChangeSchema } from './change.js';
import { idSchema, instanceKeySchema, instanceSchema } from './instance.js';
import { limits } from './limits.js';
import { serviceSchema } from './service.js';

const errorCodes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]];

export const errorCodeSchema = z.enum(errorCodes);

export const responseStatusSchema = z.object({
  error_code: errorCodeSchema,
  error_message: z.string().optional(),
});
export type ResponseStatus = z.infer<typeof responseStatusSchema>;

/** The body of every failure that has an HTTP status of its own. */
export const failureSchema = z.object({ response_status: responseStatusSchema });

/** Any object, of which nothing is copied or looked at: a body can hold one with a hundred thousand fields. */
export const anyObjectSchema = z.unknown().check(({ value, issues }) => {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject) issues.push({ code: 'invalid_type', expected: 'object', input: value });
}) as z.ZodType<Readonly<Record<string, unknown>>>;

/**
 * A list of items whose envelope alone is checked here: one bad item must not fail the others, so that the items are
 * parsed one by one later. `item` is what the document shows.
 */
function batchOf<Item extends z.ZodType>(item: Item) {
  return {
    documented: z.array(item).max(limits.batchItems),
    envelope: z.array(anyObjectSchema).max(limits.batchItems),
  };
}

const instances = batchOf(instanceSchema);
const keys = batchOf(instanceKeySchema);

export const registerRequestSchema = z.object({ instances: instances.documented });
export const registerEnvelopeSchema = z.object({ instances: instances.envelope });
export type RegisterRequest = z.infer<typeof registerRequestSchema>;

export const keysRequestSchema = z.object({ instance_keys: keys.documented });
export const keysEnvelopeSchema = z.object({ instance_keys: keys.envelope });
export type HeartbeatRequest = z.infer<typeof keysRequestSchema>;
export type UnregisterRequest = z.infer<typeof keysRequestSchema>;

export const registerResponseSchema = z.object({
  response_status: responseStatusSchema,
  failed_instances: z
    .array(
      z.object({
        instance: z.unknown().describe('as sent'),
        error_code: errorCodeSchema,
        error_message: z.string(),
      }),
    )
    .optional(),
});
export type RegisterResponse = z.infer<typeof registerResponseSchema>;
export type FailedInstance = NonNullable<RegisterResponse['failed_instances']>[number];

export const keysResponseSchema = z.object({
  response_status: responseStatusSchema,
  failed_instance_keys: z.array(z.unknown().describe('as sent')).optional(),
});
export type HeartbeatResponse = z.infer<typeof keysResponseSchema>;
export type UnregisterResponse = z.infer<typeof keysResponseSchema>;

/** Which instances of a service are wanted, and in what order. */
export const discoveryConfigSchema = z.object({
  service_id: idSchema,
  region_id: idSchema.nullish().describe('instances of this region come first'),
  zone_id: idSchema.nullish().describe('instances of this zone come before all others'),
  discovery_data: z
    .object({
      status: z.enum(['up', 'any']).nullish().describe('any: also those that are not up'),
      scope: z
        .enum(['zone', 'region', 'any'])
        .nullish()
        .describe('only this zone or region instead of a preference'),
    })
    .nullish(),
});
export type DiscoveryConfig = z.infer<typeof discoveryConfigSchema>;

export const discoverServiceRequestSchema = z.object({ discovery_config: discoveryConfigSchema });
export const discoverServiceEnvelopeSchema = z.object({ discovery_config: anyObjectSchema });
export const discoverServiceQuerySchema = z.object({
  service_id: idSchema,
  region_id: idSchema.optional(),
  zone_id: idSchema.optional(),
  status: z.enum(['up', 'any']).optional().describe('as discovery_data.status'),
  // A wrong one is answered 400, not as a failure of the business.
  wait: z
    .string()
    .optional()
    .describe(
      `1 to ${limits.waitSecs}: seconds for which a request that would be answered 304 is held, until the service changes`,
    ),
});

const positionShape = {
  revision: z.int().describe('of the change log of log_id'),
  log_id: z.string().describe('node id and run id; a revision means nothing without it'),
};

export const discoverServiceResponseSchema = z.object({
  response_status: responseStatusSchema,
  service: serviceSchema.optional(),
  ...positionShape,
});
export type DiscoverServiceResponse = z.infer<typeof discoverServiceResponseSchema>;

const serviceListShape = {
  region_id: idSchema.nullish(),
  zone_id: idSchema.nullish(),
  prefix: z.string().max(limits.idLength).nullish().describe('of the service id, without regard to case'),
  fields: z.enum(['names', 'all']).nullish().describe('names: without instances'),
  // A lower-case id takes at most two UTF-16 units for each of its characters.
  cursor: z
    .string()
    .max(2 * limits.idLength)
    .nullish()
    .describe('next_cursor of the page before'),
};
export const serviceListRequestSchema = z.object({
  ...serviceListShape,
  limit: z.int().min(1).max(limits.servicesPage).nullish(),
});
export type ServiceListRequest = z.infer<typeof serviceListRequestSchema>;
export const serviceListQuerySchema = z.object({
  ...serviceListShape,
  limit: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, `expected 1 to ${limits.servicesPage}`)
    .refine((text) => Number(text) <= limits.servicesPage, { error: `expected 1 to ${limits.servicesPage}` })
    .optional(),
});

export const serviceListResponseSchema = z.object({
  response_status: responseStatusSchema,
  services: z.array(serviceSchema.partial({ instances: true })),
  ...positionShape,
  next_cursor: z.string().optional(),
});
export type ServiceListResponse = z.infer<typeof serviceListResponseSchema>;

export const strategySchema = z.enum(['random', 'round-robin', 'weighted', 'same-zone-first']);
export type Strategy = z.infer<typeof strategySchema>;

export const lookupRequestSchema = z.object({
  discovery_configs: z.array(discoveryConfigSchema).max(limits.batchItems).nullish(),
  discovery_config: discoveryConfigSchema.nullish().describe('in place of a list of one'),
  strategy: strategySchema.nullish().describe('with a single config: answer one instance'),
});
export const lookupEnvelopeSchema = z.object({
  discovery_configs: z.array(anyObjectSchema).max(limits.batchItems).nullish(),
  discovery_config: anyObjectSchema.nullish(),
});
export type LookupRequest = z.infer<typeof lookupRequestSchema>;

export const lookupResponseSchema = z.object({
  response_status: responseStatusSchema,
  services: z.array(serviceSchema).describe('one per config, in order').optional(),
  instance: serviceSchema.shape.instances.element.optional(),
  ...positionShape,
});
export type LookupResponse = z.infer<typeof lookupResponseSchema>;

/** The changes since a revision, for callers that poll. */
export const servicesDeltaRequestSchema = z.object({
  since_revision: z.int().min(0).describe('the last revision that the caller has seen'),
  log_id: z.string().describe('of that revision'),
});
export type ServicesDeltaRequest = z.infer<typeof servicesDeltaRequestSchema>;

export const servicesDeltaResponseSchema = z.object({
  response_status: responseStatusSchema,
  changes: z.array(instanceChangeSchema),
  ...positionShape,
});
export type ServicesDeltaResponse = z.infer<typeof servicesDeltaResponseSchema>;
