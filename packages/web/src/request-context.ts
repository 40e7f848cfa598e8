import { ArtemisError, type AppState } from '@artemis/core';
import type { Request, RequestHandler, Response } from 'express';

/** Route label of a path that is not in the table: raw paths would make a metric of their own each. */
const unmatched = 'unmatched';

/** Status that is counted when the client left before it was answered; the name of it is nginx's. */
const clientClosedRequest = 499;

/** What is known of a request under way. */
export interface RequestContext {
  readonly requestId: string;
  readonly startedMs: number;
  /** Path of the route table, once it is found. */
  route: string;
}

interface ContextLocals {
  artemis?: RequestContext;
}

/** The context that {@link openContext} gave to a request. */
export function contextOf(res: Response): RequestContext {
  const context = (res.locals as ContextLocals).artemis;
  if (context === undefined) throw new Error('a request reached a handler without a context');
  return context;
}

/** A request id of the caller is taken if it is harmless in a header and in a log line. */
const saneRequestId = /^[\w.:-]{1,128}$/;

/** The first thing that sees a request: names it, and when it is over counts and logs it. */
export function openContext(state: AppState): RequestHandler {
  return (req, res, next) => {
    const given = req.get('X-Request-Id');
    const requestId = given !== undefined && saneRequestId.test(given) ? given : state.random.id(12);
    const context: RequestContext = { requestId, startedMs: state.time.monotonicMs(), route: unmatched };
    (res.locals as ContextLocals).artemis = context;
    res.setHeader('X-Request-Id', requestId);
    res.setHeader('X-Artemis-Node', state.http.nodeId);
    // Caches between here and the caller must ask again each time: what is true of an instance changes by the second.
    res.setHeader('Cache-Control', 'no-cache');
    res.once('close', () => {
      closeContext(state, context, req, res);
    });
    // Asked for by the protocol, and not checked by the listener, which would answer without a word.
    if (req.httpVersion === '1.1' && req.headers.host === undefined)
      throw new ArtemisError('malformed', 'the Host header is missing');
    next();
  };
}

function closeContext(state: AppState, context: RequestContext, req: Request, res: Response): void {
  const seconds = (state.time.monotonicMs() - context.startedMs) / 1000;
  const status = res.writableFinished ? res.statusCode : clientClosedRequest;
  state.metrics.observe({ method: req.method, route: context.route, status, seconds });
  state.logger.debug(`${req.method} ${req.originalUrl} ${status}`, {
    request_id: context.requestId,
    ms: Math.round(seconds * 1000),
  });
}
