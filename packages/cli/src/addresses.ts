/** Which nodes a command asks: `--addr`, else `ARTEMIS_ADDR`, else the one on this machine. */
import { parsePeer } from '@artemis/core/config';
import type { Host } from './host.js';
import { usageFailure, valueOf, type Read } from './usage.js';

export const defaultAddress = '127.0.0.1:8080';

/**
 * Base URLs of the nodes, in the order in which they are to be tried.
 *
 * @throws Failure that names what holds an address that is none
 */
export function nodeUrls(read: Read, env: Host['env'], command: string): string[] {
  const option = valueOf('addr', read['addr'], command);
  const named = option ?? env['ARTEMIS_ADDR'];
  const text = named === undefined || named.trim() === '' ? defaultAddress : named;
  const source = option === undefined ? 'ARTEMIS_ADDR' : '--addr';
  const urls = text.split(',').map((part) => {
    const peer = parsePeer(part.trim());
    if (peer !== undefined && !peer.resolved) return peer.url;
    throw usageFailure(
      `${source} is ${JSON.stringify(text)}, expected HOST:PORT, http://HOST:PORT or https://HOST:PORT of a node`,
      command,
    );
  });
  return [...new Set(urls)];
}
