import * as z from 'zod';
import { errorCodeSchema, keysEnvelopeSchema, registerEnvelopeSchema, responseStatusSchema } from './api.js';
import { instanceChangeSchema } from './change.js';
import { idSchema } from './instance.js';
import { serviceSchema } from './service.js';

/** Path of the WebSocket on every node. */
export const pushPath = '/ws';

/** Where a watcher stands: a revision means nothing without the log that it numbers. */
const resumeShape = {
  since_revision: z.int().min(0).nullish().describe('the last revision that the watcher has seen'),
  log_id: z.string().nullish().describe('of that revision; another run cannot be resumed'),
};

/** A request that is answered by a `result` with its `id`. */
const requestShape = {
  id: z
    .union([z.string().max(255), z.int()])
    .nullish()
    .describe('echoed in the result'),
  clock: z.string().nullish().describe('highest X-Artemis-Clock that the client has seen'),
};

/** What clients send over `/ws`. Items of a batch are parsed one by one, as over HTTP. */
export const clientMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('subscribe'), service_id: idSchema, ...resumeShape }),
  z.object({ type: z.literal('unsubscribe'), service_id: idSchema }),
  z.object({ type: z.literal('subscribe_all'), ...resumeShape }),
  z.object({ type: z.literal('unsubscribe_all') }),
  z.object({ type: z.literal('register'), ...registerEnvelopeSchema.shape, ...requestShape }),
  z.object({ type: z.literal('unregister'), ...keysEnvelopeSchema.shape, ...requestShape }),
  z.object({
    type: z.literal('heartbeat'),
    instance_keys: keysEnvelopeSchema.shape.instance_keys
      .nullish()
      .describe('absent: everything that this connection registered'),
    ...requestShape,
  }),
  z.object({ type: z.literal('ping') }),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

const positionShape = {
  revision: z.int().describe('of the change log of log_id: resume from here'),
  log_id: z.string(),
};

/** What nodes send over `/ws`. */
export const serverMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('subscribed'),
    service_id: z.string(),
    ...positionShape,
    service: serviceSchema
      .optional()
      .describe('everything shown of the service, whatever its status; absent when the watch resumes'),
  }),
  z.object({ type: z.literal('unsubscribed'), service_id: z.string() }),
  z
    .object({ type: z.literal('subscribed_all'), ...positionShape })
    .describe(
      'all is known from here on: a `subscribed` for every service came before, unless the watch resumes',
    ),
  z.object({ type: z.literal('unsubscribed_all') }),
  z.object({
    type: z.literal('service_change'),
    service_id: z.string(),
    ...positionShape,
    changes: z
      .array(instanceChangeSchema)
      .describe('in order of revision, the last one is that of the message'),
  }),
  z
    .object({
      type: z.literal('reload'),
      service_id: z.string().optional().describe('absent: of everything, for a watcher of all services'),
      from_revision: z.int(),
      ...positionShape,
    })
    .describe('the watcher was too slow: changes were left out, a fresh snapshot follows'),
  z.object({
    type: z.literal('result'),
    id: z.union([z.string(), z.int()]).optional(),
    clock: z.string().describe('as X-Artemis-Clock over HTTP'),
    response_status: responseStatusSchema,
    failed_instances: z
      .array(z.object({ instance: z.unknown(), error_code: errorCodeSchema, error_message: z.string() }))
      .optional(),
    failed_instance_keys: z.array(z.unknown()).optional(),
  }),
  z.object({ type: z.literal('pong') }),
  z.object({
    type: z.literal('error'),
    error_code: errorCodeSchema,
    message: z.string(),
    service_id: z.string().optional().describe('of the watch that was refused'),
    id: z.union([z.string(), z.int()]).optional(),
  }),
  z.object({ type: z.literal('goodbye'), reason: z.string() }).describe('sent before the node closes'),
]);
export type ServerMessage = z.infer<typeof serverMessageSchema>;
