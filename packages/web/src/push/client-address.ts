import type { IncomingMessage } from 'node:http';

/**
 * Who sent a request. One proxy is trusted, as Express does it for the other routes: the address that it saw is the last
 * of the list.
 */
export function clientAddressOf({ headers, socket }: IncomingMessage, trustProxy: boolean): string {
  const forwarded = headers['x-forwarded-for'];
  const seen = typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined;
  return (trustProxy && seen) || (socket.remoteAddress ?? 'unknown');
}
