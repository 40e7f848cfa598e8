import {
  apiRoutes,
  ArtemisError,
  describeIssue,
  pathsOf,
  type ApiRoute,
  type AppState,
  type RouteName,
} from '@artemis/core';
import type { Express, RequestHandler, Response } from 'express';
import { jsonBodyReader } from './body.js';
import type { WhenGone } from './held-requests.js';
import { observeClock } from './observe-clock.js';
import { takeToken } from './rate-limit.js';
import { empty, failure, type Reply } from './reply.js';
import { contextOf } from './request-context.js';
import type { Handler, Handlers } from './routes/handlers.js';
import { send } from './send.js';

type Method = 'GET' | 'POST';
type AnyHandler = Handler<unknown, unknown>;

/** A row of the route table with what answers it. */
interface Entry {
  readonly name: string;
  readonly row: ApiRoute;
  readonly handlers: Readonly<Partial<Record<Method, AnyHandler>>>;
}

/** Mounts every row of the route table, and nothing besides, under each of its paths. */
export function mountRoutes(app: Express, state: AppState, handlers: Handlers): void {
  for (const [name, row] of Object.entries<ApiRoute>(apiRoutes)) {
    // A handler is given what its own row was checked for, which is what its type says; the loop cannot know it.
    const entry = { name, row, handlers: handlers[name as RouteName] as unknown as Entry['handlers'] };
    for (const path of pathsOf(row)) mountRoute(app, state, path, entry);
  }
}

function mountRoute(app: Express, state: AppState, path: string, entry: Entry): void {
  const route = app.route(path).all(enter(state, entry));
  if (entry.handlers.GET) route.get(serve(state, entry.row, 'GET', entry.handlers.GET));
  if (entry.handlers.POST) route.post(serve(state, entry.row, 'POST', entry.handlers.POST));
  route.all(otherMethods(state, entry.row));
}

/** What is decided by headers alone, before a byte of the body is read. */
function enter(state: AppState, { name, row }: Entry): RequestHandler {
  const isPeerRoute = row.audience === 'peer';
  return (req, res, next) => {
    contextOf(res).route = row.path;
    if (isPeerRoute) {
      const admission = state.peers.admit(req.headers);
      if (admission === 'not-replication') return send(res, empty(400), state.clock);
      if (admission === 'unauthorized') {
        throw new ArtemisError('unauthorized', 'the cluster secret is missing or not the one of this node');
      }
      if (admission === 'forbidden') {
        throw new ArtemisError(
          'forbidden',
          'sender and receiver have the same node id: give one of them another',
        );
      }
    }
    const isProbe = name === 'node' && req.method === 'GET';
    if ((isPeerRoute || isProbe) && req.headers['x-artemis-node'] !== undefined)
      state.peers.contact(req.headers);
    if (row.limited) takeToken(state.limiter, req.ip ?? 'unknown');
    if (row.audience === 'client') observeClock(state.clock, req.get('X-Artemis-Clock'));
    next();
    return undefined;
  };
}

function serve(state: AppState, row: ApiRoute, method: Method, handler: AnyHandler): RequestHandler {
  const readJson = jsonBodyReader(state.http.maxBodyBytes);
  return async (req, res) => {
    const query = row.query && (method === 'GET' || !row.body) ? row.query.safeParse(req.query) : undefined;
    let reply: Reply;
    if (query?.success === false) {
      reply = wrongQuery(row, describeIssue(query.error, '', req.query));
    } else {
      const body =
        method === 'POST' && row.envelope ? checkEnvelope(row, await readJson(req, res)) : undefined;
      reply = await handler({ headers: req.headers, query: query?.data, body, whenGone: whenClosed(res) });
    }
    await send(res, reply, state.clock);
  };
}

const whenClosed =
  (res: Response): WhenGone =>
  (listener) => {
    // Answered, the response closes too: by then nobody waits any more.
    if (res.destroyed) listener();
    else res.once('close', listener);
  };

/** To clients a wrong parameter is a failure of the business, as a wrong field of a body is. */
function wrongQuery(row: ApiRoute, message: string): Reply {
  if (row.audience === 'client') return failure('bad-request', message);
  throw new ArtemisError('malformed', message);
}

/** The body as it was sent, once its envelope is found to be right: items are checked one by one by those who take them. */
function checkEnvelope(row: ApiRoute, body: unknown): unknown {
  const checked = row.envelope?.safeParse(body);
  if (checked?.success === false) {
    const isWhole = checked.error.issues[0]?.path.length === 0;
    throw new ArtemisError('wrong-envelope', describeIssue(checked.error, isWhole ? 'body' : '', body));
  }
  return body;
}

function otherMethods(state: AppState, row: ApiRoute): RequestHandler {
  const allow = [
    ...row.methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])),
    'OPTIONS',
  ];
  return (req, res) => {
    if (req.method === 'OPTIONS') return send(res, empty(204, { Allow: allow.join(', ') }), state.clock);
    throw new ArtemisError('wrong-method', `${req.method} is not served here, only ${allow.join(', ')}`, {
      allow,
    });
  };
}
