import {
  describeIssue,
  discoveryConfigSchema,
  lookupRequestSchema,
  serviceListRequestSchema,
  type AppState,
  type PreparedAnswer,
  type RequestHeaders,
} from '@artemis/core';
import { holdsAnswer } from '../if-none-match.js';
import { empty, failure, json, jsonText, type Reply } from '../reply.js';
import type { Handlers } from './handlers.js';

/** What is wrong with a question is a failure of the business: HTTP 200, and a message with the path of the field. */
const badRequest = (message: string): Reply => failure('bad-request', message);

export function discoveryHandlers({
  discovery,
}: Pick<AppState, 'discovery'>): Pick<Handlers, 'service' | 'services' | 'lookup'> {
  return {
    service: {
      GET: ({ query, headers }) => revalidated(discovery.service(query), headers),
      POST({ body }) {
        const config = discoveryConfigSchema.safeParse(body.discovery_config);
        if (!config.success)
          return badRequest(describeIssue(config.error, 'discovery_config', body.discovery_config));
        return jsonText(discovery.service(config.data).json());
      },
    },
    services: {
      GET({ query: { limit, ...filters } }) {
        return json(
          discovery.services({ ...filters, ...(limit === undefined ? {} : { limit: Number(limit) }) }),
        );
      },
      POST({ body }) {
        const request = serviceListRequestSchema.safeParse(body);
        if (!request.success) return badRequest(describeIssue(request.error, '', body));
        return json(discovery.services(request.data));
      },
    },
    lookup: {
      POST({ body }) {
        const request = lookupRequestSchema.safeParse(body);
        if (!request.success) return badRequest(describeIssue(request.error, '', body));
        return json(discovery.lookup(request.data));
      },
    },
  };
}

function revalidated(answer: PreparedAnswer, headers: RequestHeaders): Reply {
  const { etag } = answer;
  if (etag === undefined) return jsonText(answer.json());
  const held = headers['if-none-match'];
  if (typeof held === 'string' && holdsAnswer(held, etag)) return empty(304, { ETag: etag });
  return jsonText(answer.json(), 200, { ETag: etag });
}
