import type { RequestHandler } from 'express';

const exposedHeaders = 'ETag, X-Artemis-Node, X-Artemis-Clock, X-Request-Id, Retry-After';
const acceptedHeaders = 'Content-Type, Content-Encoding, If-None-Match, X-Artemis-Clock, X-Request-Id';
const preflightSecs = 600;

/**
 * Headers that let a page of a listed origin read the answer; none for any other, so that browsers keep to the same
 * origin. An origin is compared as browsers send it, character by character.
 */
function corsHeaders(
  allowedOrigins: readonly string[],
  origin: string | undefined,
  isPreflight: boolean,
): Record<string, string> {
  if (allowedOrigins.length === 0) return {};
  // The answer depends on who asks, whether or not this one may read it.
  const vary = { Vary: 'Origin' };
  if (origin === undefined || !allowedOrigins.includes(origin)) return vary;
  const allowed = {
    ...vary,
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': exposedHeaders,
  };
  if (!isPreflight) return allowed;
  return {
    ...allowed,
    'Access-Control-Allow-Methods': 'GET, HEAD, POST',
    'Access-Control-Allow-Headers': acceptedHeaders,
    'Access-Control-Max-Age': String(preflightSecs),
  };
}

export function cors(allowedOrigins: readonly string[]): RequestHandler {
  return (req, res, next) => {
    const isPreflight = req.method === 'OPTIONS' && req.get('Access-Control-Request-Method') !== undefined;
    for (const [name, value] of Object.entries(corsHeaders(allowedOrigins, req.get('Origin'), isPreflight))) {
      res.setHeader(name, value);
    }
    next();
  };
}
