import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants } from 'node:zlib';
import compression from 'compression';

/** Smaller answers cost more to compress than to send. */
export const compressionMinBytes = 1024;

type Middleware = (req: IncomingMessage, res: ServerResponse, next: () => void) => void;

// Express's types are asked for; what is used of a request is all there without it.
const forClients = compression({ threshold: compressionMinBytes }) as unknown as Middleware;
/** What peers ask for is much, repeats itself, and is wanted soon: the fastest level finds most of what there is to save. */
const forPeers = compression({
  threshold: compressionMinBytes,
  level: constants.Z_BEST_SPEED,
}) as unknown as Middleware;

/**
 * Has an answer of so many bytes compressed where the caller reads that and it is worth it; answers whether the response
 * is wrapped for that now. To wrap it costs as much as a small answer does: those do without.
 */
export function compress(
  { req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse },
  length: number,
): boolean {
  if (length < compressionMinBytes || req.headers['accept-encoding'] === undefined) return false;
  const wrap = req.url?.startsWith('/api/replication/') === true ? forPeers : forClients;
  wrap(req, res, () => undefined);
  return true;
}
