import { constants } from 'node:zlib';
import { ArtemisError, type AppState } from '@artemis/core';
import compression from 'compression';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { cors } from './cors.js';
import { ClientGone, errorReply } from './errors.js';
import { clip } from './quote.js';
import { contextOf, openContext } from './request-context.js';
import { mountRoutes } from './route-table.js';
import { clusterHandlers } from './routes/cluster.js';
import { discoveryHandlers } from './routes/discovery.js';
import type { Handlers } from './routes/handlers.js';
import { healthHandlers } from './routes/health.js';
import { registryHandlers } from './routes/registry.js';
import { replicationHandlers } from './routes/replication.js';
import { statusHandlers } from './routes/status.js';
import { send } from './send.js';

/** Smaller answers cost more to compress than to send. */
const compressionMinBytes = 1024;

/** Every route of a node, and the answer to all that is none. */
export function expressApp(state: AppState): Express {
  const app = express();
  app.disable('x-powered-by');
  // Should an answer fail beyond what is handled below, Express must not show a stack.
  app.set('env', 'production');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('query parser', 'simple');
  // One proxy is trusted: the address that it saw is the last of the list, and the only one that a caller cannot make up.
  if (state.http.trustProxy) app.set('trust proxy', 1);

  app.use(openContext(state));
  app.use(cors(state.http.allowedOrigins));
  app.use(compress());
  mountRoutes(app, state, handlersOf(state));
  app.use((req) => {
    throw new ArtemisError('unknown-path', `no such path: ${clip(req.path)}; /openapi.json lists them all`);
  });
  app.use(answerError(state));
  return app;
}

/** What peers ask for is much, repeats itself, and is wanted soon: the fastest level finds most of what there is to save. */
function compress(): RequestHandler {
  const forClients = compression({ threshold: compressionMinBytes });
  const forPeers = compression({ threshold: compressionMinBytes, level: constants.Z_BEST_SPEED });
  return (req, res, next) => {
    if (req.path.startsWith('/api/replication/')) forPeers(req, res, next);
    else forClients(req, res, next);
  };
}

function handlersOf(state: AppState): Handlers {
  return {
    ...registryHandlers(state),
    ...discoveryHandlers(state),
    ...replicationHandlers(state),
    ...clusterHandlers(state),
    ...statusHandlers(state),
    ...healthHandlers(state),
  };
}

/** Express knows an error handler by its four parameters. */
function answerError(state: AppState): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (error instanceof ClientGone) {
      res.destroy();
      return;
    }
    const { requestId } = contextOf(res);
    const reply = errorReply(error, { requestId, method: req.method, path: req.path }, state.logger);
    // Half an answer cannot be taken back: an aborted connection tells the reader that it is not whole.
    if (res.headersSent) res.destroy();
    else send(res, reply, state.clock).catch(next);
  };
}
