import { STATUS_CODES } from 'node:http';
import type { AppState, ArtemisError } from '@artemis/core';
import { problemReply } from './errors.js';

/** The whole text of an answer that ends its connection, for what never becomes a request of the app. */
export function rawAnswer(
  problem: ArtemisError,
  node: Pick<AppState, 'http' | 'clock'> | undefined,
  extraHeaders: Readonly<Record<string, string>> = {},
): string {
  const { status, contentType, headers, body } = problemReply(problem);
  const content = typeof body === 'string' ? body : '';
  const lines = Object.entries({
    ...(contentType !== undefined && { 'Content-Type': contentType }),
    ...headers,
    ...extraHeaders,
    'Content-Length': String(Buffer.byteLength(content)),
    Connection: 'close',
    ...(node && { 'X-Artemis-Node': node.http.nodeId, 'X-Artemis-Clock': String(node.clock.stamp()) }),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${content}`;
}
