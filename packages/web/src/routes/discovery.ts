import {
  ArtemisError,
  describeIssue,
  discoveryConfigSchema,
  limits,
  lookupRequestSchema,
  serviceListRequestSchema,
  servicesDeltaRequestSchema,
  type AppState,
  type DiscoveryConfig,
  type PreparedAnswer,
  type RequestHeaders,
  type RouteQuery,
  type ServicesDeltaRequest,
} from '@artemis/core';
import { KeptBytes } from '../encoded.js';
import { KeptReply } from '../head.js';
import { HeldRequests } from '../held-requests.js';
import { holdsAnswer } from '../if-none-match.js';
import { ChangeTexts } from '../push/change-texts.js';
import { quote } from '../quote.js';
import { empty, failure, json, jsonBody, type Reply } from '../reply.js';
import type { Handlers } from './handlers.js';

/** What is wrong with a question is a failure of the business: HTTP 200, and a message with the path of the field. */
const badRequest = (message: string): Reply => failure('bad-request', message);

type DiscoveryState = Pick<
  AppState,
  'discovery' | 'changes' | 'scheduler' | 'push' | 'pushMetrics' | 'health'
>;

export function discoveryHandlers(
  state: DiscoveryState,
): Pick<Handlers, 'service' | 'services' | 'servicesDelta' | 'lookup'> {
  const { discovery } = state;
  const texts = new ChangeTexts();
  const held = new HeldRequests(state);
  const replies = new PreparedReplies();
  const questions = new Questions();
  return {
    service: {
      GET({ query, headers, whenGone }) {
        const config = questions.of(query);
        const waitMs = query.wait === undefined ? undefined : waitMsOf(query.wait);
        const answer = discovery.service(config);
        if (waitMs === undefined || !isHeld(answer, headers)) return revalidated(answer, headers, replies);
        return held
          .untilChanged(config.service_id, waitMs, whenGone)
          .then(() => revalidated(discovery.service(config), headers, replies));
      },
      POST({ body }) {
        const config = discoveryConfigSchema.safeParse(body.discovery_config);
        if (!config.success)
          return badRequest(describeIssue(config.error, 'discovery_config', body.discovery_config));
        return { ...replies.of(discovery.service(config.data)), headers: {} };
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
    servicesDelta: {
      POST({ body }) {
        const request = servicesDeltaRequestSchema.safeParse(body);
        if (!request.success) return badRequest(describeIssue(request.error, '', body));
        return deltaSince(request.data, state, texts);
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

type ServiceQuery = RouteQuery<'service'>;

/** What is asked by a query. The same one comes as the same object, and its question stays the same too. */
class Questions {
  readonly #known = new WeakMap<ServiceQuery, DiscoveryConfig>();

  of(query: ServiceQuery): DiscoveryConfig {
    let question = this.#known.get(query);
    if (question === undefined) {
      const { service_id, region_id, zone_id, status } = query;
      const data = status === undefined ? {} : { discovery_data: { status } };
      question = { service_id, region_id, zone_id, ...data };
      this.#known.set(query, question);
    }
    return question;
  }
}

/** What a caller that polls has missed. */
function deltaSince(
  { since_revision: since, log_id: logId }: ServicesDeltaRequest,
  { changes, health }: DiscoveryState,
  texts: ChangeTexts,
): Reply {
  const joining = health.joining();
  if (joining !== undefined) throw new ArtemisError('unavailable', joining, { retryAfterSecs: 1 });
  const missed = logId === changes.logId ? changes.since(since) : undefined;
  const position = { revision: changes.revision, log_id: changes.logId };
  if (missed === undefined) {
    const message = 'the changes since then are not known here: ask for the services themselves';
    const status = { error_code: 'data-not-found', error_message: message };
    return json({ response_status: status, changes: [], ...position });
  }
  const seen = missed.filter(({ type }) => type !== undefined);
  const list = seen.map((change) => texts.of(change)).join(',');
  const { revision } = position;
  return jsonBody(
    `{"response_status":{"error_code":"success"},"changes":[${list}],"revision":${revision},"log_id":${JSON.stringify(changes.logId)}}`,
  );
}

/** Seconds of `wait` in milliseconds. */
function waitMsOf(wait: string): number {
  const seconds = /^\d{1,3}$/.test(wait) ? Number(wait) : 0;
  if (seconds >= 1 && seconds <= limits.waitSecs) return seconds * 1000;
  throw new ArtemisError('malformed', `wait: expected 1 to ${limits.waitSecs} (seconds), got ${quote(wait)}`);
}

function isHeld({ etag }: PreparedAnswer, headers: RequestHeaders): boolean {
  const held = headers['if-none-match'];
  return etag !== undefined && typeof held === 'string' && holdsAnswer(held, etag);
}

function revalidated(answer: PreparedAnswer, headers: RequestHeaders, replies: PreparedReplies): Reply {
  const { etag } = answer;
  return etag !== undefined && isHeld(answer, headers) ? empty(304, { ETag: etag }) : replies.of(answer);
}

/** An answer is sent many times: what is sent is made once. */
class PreparedReplies {
  readonly #known = new WeakMap<PreparedAnswer, Reply>();

  of(answer: PreparedAnswer): Reply {
    let reply = this.#known.get(answer);
    if (reply === undefined) {
      const { etag } = answer;
      const headers: Reply['headers'] = etag === undefined ? {} : { ETag: etag };
      reply = new KeptReply(jsonBody(new KeptBytes(answer.text()), 200, headers));
      this.#known.set(answer, reply);
    }
    return reply;
  }
}
