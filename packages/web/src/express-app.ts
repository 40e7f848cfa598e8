import { ArtemisError, pathsOf, type AppState } from '@artemis/core';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import { Exchange } from './exchange.js';
import { clip } from './quote.js';
import type { ServedRoute } from './served-route.js';

/** Every route of a node, and the answer to all that is none. */
export function expressApp(state: AppState, routes: Iterable<ServedRoute>): Express {
  const app = express();
  app.disable('x-powered-by');
  // Should an answer fail beyond what is handled below, Express must not show a stack.
  app.set('env', 'production');
  app.enable('case sensitive routing');
  app.enable('strict routing');

  app.use(openExchange(state));
  for (const route of routes) for (const path of pathsOf(route.row)) mount(app, path, route);
  app.use((req) => {
    throw new ArtemisError('unknown-path', `no such path: ${clip(req.path)}; /openapi.json lists them all`);
  });
  app.use(answerError);
  return app;
}

/** Other methods than those of its row a route refuses itself. */
function mount(app: Express, path: string, route: ServedRoute): void {
  const serve: RequestHandler = (_req, res) => route.serve(exchangeOf(res));
  const mounted = app.route(path);
  if (route.row.methods.includes('GET')) mounted.get(serve);
  if (route.row.methods.includes('POST')) mounted.post(serve);
  mounted.all(serve);
}

interface ExchangeLocals {
  artemis?: Exchange;
}

/** The first thing that sees a request. */
function openExchange(state: AppState): RequestHandler {
  return (req, res, next) => {
    const exchange = new Exchange(state, req, res);
    (res.locals as ExchangeLocals).artemis = exchange;
    exchange.requireHost();
    next();
  };
}

function exchangeOf(res: Response): Exchange {
  const exchange = (res.locals as ExchangeLocals).artemis;
  if (exchange === undefined) throw new Error('a request reached a handler that nobody has opened');
  return exchange;
}

/** Express knows an error handler by its four parameters. */
const answerError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.destroyed) next(error);
  else exchangeOf(res).fail(error);
};
