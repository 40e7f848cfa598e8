import type { IncomingMessage, ServerResponse } from 'node:http';
import { apiRoutes, pathsOf, type ApiRoute } from '@artemis/core';

/**
 * The HTTP interface of a node as a function: for `listen`, for a server of `node:http`, or, with `next`, for
 * `app.use()` of Express (4 or 5) and whatever else knows middleware.
 */
export type ArtemisApp = (
  req: IncomingMessage,
  res: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/**
 * Keeps an Express app and the one around it apart. Requests for other paths go on untouched, without a header or a
 * count; all others are answered here, whatever the surrounding app sets, parses or does with errors. Express would
 * mix the settings of both, and prototypes of different versions.
 */
export function mountable(app: (req: IncomingMessage, res: ServerResponse) => void): ArtemisApp {
  const paths = new Set(Object.values<ApiRoute>(apiRoutes).flatMap((row) => pathsOf(row)));
  return (req, res, next) => {
    if (next !== undefined && !paths.has(pathOf(req))) next();
    else app(req, res);
  };
}

/** Behind a prefix, `url` is what follows it. */
function pathOf({ url = '/' }: IncomingMessage): string {
  const end = url.search(/[?#]/);
  return end < 0 ? url : url.slice(0, end);
}
