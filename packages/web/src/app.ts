import { apiRoutes, type AppState, type RouteName } from '@artemis/core';
import { expressApp } from './express-app.js';
import { hotPath } from './hot-path.js';
import { mountable, type ArtemisApp } from './mountable.js';
import { clusterHandlers } from './routes/cluster.js';
import { discoveryHandlers } from './routes/discovery.js';
import type { Handlers } from './routes/handlers.js';
import { healthHandlers } from './routes/health.js';
import { registryHandlers } from './routes/registry.js';
import { replicationHandlers } from './routes/replication.js';
import { statusHandlers } from './routes/status.js';
import { ServedRoute } from './served-route.js';

/**
 * The whole HTTP API of a node. Given to `app.use()` of another app it answers its own paths and lets all others pass;
 * alone it answers those with 404. What comes often and looks as it usually does is answered before Express sees it.
 */
export function createApp(state: AppState): ArtemisApp {
  const routes = servedRoutes(state);
  const answerHot = hotPath(state, routes);
  const answer = mountable(expressApp(state, routes.values()));
  return (req, res, next) => {
    if (!answerHot(req, res)) answer(req, res, next);
  };
}

/** Every row of the route table, with what answers it. */
export function servedRoutes(state: AppState): ReadonlyMap<RouteName, ServedRoute> {
  const handlers: Handlers = {
    ...registryHandlers(state),
    ...discoveryHandlers(state),
    ...replicationHandlers(state),
    ...clusterHandlers(state),
    ...statusHandlers(state),
    ...healthHandlers(state),
  };
  const names = Object.keys(apiRoutes) as RouteName[];
  return new Map(names.map((name) => [name, new ServedRoute(state, name, handlers)]));
}
