import type { IncomingMessage } from 'node:http';

const exposedHeaders = 'ETag, X-Artemis-Node, X-Artemis-Clock, X-Request-Id, Retry-After';
const acceptedHeaders = 'Content-Type, Content-Encoding, If-None-Match, X-Artemis-Clock, X-Request-Id';
const preflightSecs = 600;

/**
 * Headers that let a page of a listed origin read the answer, names and values in turn; none for any other, so that
 * browsers keep to the same origin. An origin is compared as browsers send it, character by character.
 */
export function corsHeaders(
  allowedOrigins: readonly string[],
  { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
): readonly string[] {
  const { origin } = headers;
  if (origin === undefined || !allowedOrigins.includes(origin)) return [];
  const allowed = ['Access-Control-Allow-Origin', origin, 'Access-Control-Expose-Headers', exposedHeaders];
  const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
  if (!isPreflight) return allowed;
  return [
    ...allowed,
    'Access-Control-Allow-Methods',
    'GET, HEAD, POST',
    'Access-Control-Allow-Headers',
    acceptedHeaders,
    'Access-Control-Max-Age',
    String(preflightSecs),
  ];
}
