import type { IncomingMessage } from 'node:http';

/**
 * Who sent a request. At most one proxy is trusted, the nearest: the address that it saw is the last of the list, and the
 * only one that a caller cannot make up.
 */
export function clientAddressOf({ headers, socket }: IncomingMessage, trustProxy: boolean): string {
  const forwarded = headers['x-forwarded-for'];
  const seen = typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined;
  return (trustProxy && seen) || (socket.remoteAddress ?? 'unknown');
}
