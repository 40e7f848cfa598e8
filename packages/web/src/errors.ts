import { ArtemisError, type Logger } from '@artemis/core';
import { failure, type Reply } from './reply.js';

/** Seconds that a caller is told to wait when nothing better is known. */
const defaultRetryAfterSecs = 1;

/** The client went away before its request was complete: nobody is left to answer, and nothing is wrong here. */
export class ClientGone extends Error {
  constructor() {
    super('the client closed the connection');
    this.name = 'ClientGone';
  }
}

/** Where an error happened, for the log. */
export interface FailedRequest {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
}

/**
 * The one place that turns an error into an answer. An {@link ArtemisError} is answered as it stands; everything else
 * is a fault of the node, of which the caller learns the request id and the log all the rest.
 */
export function errorReply(error: unknown, request: FailedRequest, logger: Logger): Reply {
  if (error instanceof ArtemisError) {
    return problemReply(error);
  }
  logger.error(`Request failed: ${request.method} ${request.path}`, {
    request_id: request.requestId,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  const internal = new ArtemisError(
    'internal',
    `internal error: the node's log says more under request id ${request.requestId}`,
  );
  return failure(internal.code, internal.message, internal.status);
}

/** The answer to a problem that has a status of its own. */
export function problemReply(error: ArtemisError): Reply {
  return failure(error.code, error.message, error.status, errorHeaders(error));
}

function errorHeaders({ problem, details }: ArtemisError): Record<string, string> {
  const headers: Record<string, string> = {};
  if (problem === 'unauthorized') headers['WWW-Authenticate'] = 'Bearer';
  if (details.allow !== undefined) headers['Allow'] = details.allow.join(', ');
  if (problem === 'unavailable' || problem === 'rate-limited' || details.retryAfterSecs !== undefined) {
    const seconds = Math.ceil(details.retryAfterSecs ?? defaultRetryAfterSecs);
    headers['Retry-After'] = String(Math.max(1, seconds));
  }
  return headers;
}
