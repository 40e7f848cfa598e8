import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a page may open a WebSocket here: those of this very node, and of listed origins. Browsers do not ask before
 * they open one, as they do for other requests; whoever is no browser sends no `Origin`.
 */
export function isOriginAllowed(
  { origin, host }: IncomingHttpHeaders,
  allowedOrigins: readonly string[],
): boolean {
  if (origin === undefined || allowedOrigins.includes(origin)) return true;
  // Behind a proxy that ends TLS the scheme is another one here than in the page.
  const pageHost = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
  return pageHost !== undefined && host !== undefined && pageHost.toLowerCase() === host.toLowerCase();
}
