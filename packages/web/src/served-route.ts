import type { IncomingMessage } from 'node:http';
import { parse as parseQuery } from 'node:querystring';
import {
  apiRoutes,
  ArtemisError,
  describeIssue,
  type ApiRoute,
  type AppState,
  type RouteName,
} from '@artemis/core';
import { jsonBodyReader } from './body.js';
import type { Exchange } from './exchange.js';
import type { WhenGone } from './held-requests.js';
import { observeClock } from './observe-clock.js';
import { clientAddressOf } from './client-address.js';
import { takeToken } from './rate-limit.js';
import { empty, failure, type Reply } from './reply.js';
import type { Handler, Handlers } from './routes/handlers.js';

type AnyHandler = Handler<unknown, unknown>;
type Method = 'GET' | 'POST';

/** Urls whose queries are remembered for a route, and their longest. */
const mostRemembered = 1000;
const longestRemembered = 300;

/** A query that the route does not take, and why. */
class WrongQuery extends Error {}

/** A row of the route table with what answers it: everything of a request but the way on which it came here. */
export class ServedRoute {
  readonly row: ApiRoute;
  readonly #state: AppState;
  readonly #handlers: Readonly<Partial<Record<Method, AnyHandler>>>;
  readonly #readJson: ReturnType<typeof jsonBodyReader>;
  readonly #queries = new Map<string, unknown>();
  readonly #isPeerRoute: boolean;
  readonly #isProbe: boolean;

  constructor(state: AppState, name: RouteName, handlers: Handlers) {
    this.row = apiRoutes[name];
    this.#state = state;
    // A handler is given what its own row was checked for, which is what its type says; nobody here can know it.
    this.#handlers = handlers[name] as unknown as Readonly<Partial<Record<Method, AnyHandler>>>;
    this.#readJson = jsonBodyReader(state.http.maxBodyBytes);
    this.#isPeerRoute = this.row.audience === 'peer';
    this.#isProbe = name === 'node';
  }

  /** Answers a request, whatever becomes of it: in the turn in which it is complete, where nothing has to be waited for. */
  serve(exchange: Exchange): void {
    exchange.route = this.row.path;
    try {
      const reply = this.#enter(exchange.req);
      if (reply === undefined) this.#answer(exchange);
      else exchange.settle(reply);
    } catch (error) {
      exchange.fail(error);
    }
  }

  /** What is decided by headers alone, before a byte of the body is read. */
  #enter(req: IncomingMessage): Reply | undefined {
    const { peers, limiter, clock, http } = this.#state;
    if (this.#isPeerRoute) {
      const admission = peers.admit(req.headers);
      if (admission === 'not-replication') return empty(400);
      if (admission === 'unauthorized')
        throw new ArtemisError('unauthorized', 'the cluster secret is missing or not the one of this node');
      if (admission === 'forbidden') {
        const message = 'sender and receiver have the same node id: give one of them another';
        throw new ArtemisError('forbidden', message);
      }
    }
    const isOfPeer = this.#isPeerRoute || (this.#isProbe && req.method === 'GET');
    if (isOfPeer && req.headers['x-artemis-node'] !== undefined) peers.contact(req.headers);
    if (this.row.limited) takeToken(limiter, clientAddressOf(req, http.trustProxy));
    if (this.row.audience === 'client') observeClock(clock, req.headers['x-artemis-clock']);
    return undefined;
  }

  #answer(exchange: Exchange): void {
    const { req, res } = exchange;
    const { row } = this;
    const method = req.method === 'HEAD' ? 'GET' : req.method;
    const handler = method === 'GET' || method === 'POST' ? this.#handlers[method] : undefined;
    if (handler === undefined) return exchange.settle(this.#otherMethod(method));
    const takesQuery = row.query !== undefined && (method === 'GET' || row.body === undefined);
    const query = takesQuery ? this.#queryOf(req.url ?? '') : undefined;
    if (query instanceof WrongQuery) return exchange.settle(this.#wrongQuery(query.message));
    const whenGone: WhenGone = (listener) => {
      // Answered, the response closes too: by then nobody waits any more.
      if (res.destroyed) listener();
      else res.once('close', listener);
    };
    const { headers } = req;
    if (method === 'GET' || !row.envelope)
      return exchange.settle(handler({ headers, query, body: undefined, whenGone }));
    return this.#readJson(
      req,
      (body) => exchange.settle(handler({ headers, query, body: this.#checkEnvelope(body), whenGone })),
      (error) => exchange.fail(error),
    );
  }

  /** The checked parameters. Whoever asks at all asks the same again and again: what was asked of late is remembered. */
  #queryOf(url: string): unknown {
    const known = this.#queries.get(url);
    if (known !== undefined) return known;
    const given = parseQuery(queryText(url));
    const parsed = this.row.query?.safeParse(given);
    if (parsed?.success !== true) return new WrongQuery(parsed && describeIssue(parsed.error, '', given));
    if (url.length > longestRemembered) return parsed.data;
    if (this.#queries.size === mostRemembered) this.#queries.clear();
    this.#queries.set(url, parsed.data);
    return parsed.data;
  }

  /** To clients a wrong parameter is a failure of the business, as a wrong field of a body is. */
  #wrongQuery(message: string): Reply {
    if (this.row.audience === 'client') return failure('bad-request', message);
    throw new ArtemisError('malformed', message);
  }

  /** The body as it was sent, once its envelope is found to be right: items are checked one by one by those who take them. */
  #checkEnvelope(body: unknown): unknown {
    const checked = this.row.envelope?.safeParse(body);
    if (checked?.success === false) {
      const isWhole = checked.error.issues[0]?.path.length === 0;
      throw new ArtemisError('wrong-envelope', describeIssue(checked.error, isWhole ? 'body' : '', body));
    }
    return body;
  }

  #otherMethod(method: string | undefined): Reply {
    const served = this.row.methods.flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : [one]));
    const allow = [...served, 'OPTIONS'];
    if (method === 'OPTIONS') return empty(204, { Allow: allow.join(', ') });
    const message = `${method} is not served here, only ${allow.join(', ')}`;
    throw new ArtemisError('wrong-method', message, { allow });
  }
}

function queryText(url: string): string {
  const start = url.indexOf('?');
  if (start < 0) return '';
  const end = url.indexOf('#', start);
  return url.slice(start + 1, end < 0 ? undefined : end);
}
