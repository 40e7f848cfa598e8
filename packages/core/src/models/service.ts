import * as z from 'zod';
import { instanceSchema } from './instance.js';

/** An instance in an answer of discovery. */
export const discoveredInstanceSchema = z.object({
  ...instanceSchema.shape,
  unconfirmed: z
    .boolean()
    .optional()
    .describe('true when this node cannot vouch for the lease: pick it only when nothing else is left'),
});

/** What discovery answers for one service. */
export const serviceSchema = z.object({
  service_id: z.string(),
  metadata: z.record(z.string(), z.string()).optional(),
  instances: z.array(discoveredInstanceSchema),
  logic_instances: z.array(z.unknown()).optional(),
  route_rules: z.array(z.unknown()).optional(),
});
export type Service = z.infer<typeof serviceSchema>;
export type DiscoveredInstance = z.infer<typeof discoveredInstanceSchema>;
