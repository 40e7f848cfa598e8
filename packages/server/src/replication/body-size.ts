import type { ArtemisConfig } from '@artemis/core/config';

/** Largest body that is sent to a peer, well below what a node takes by default. */
const mostBytes = 4 * 1024 * 1024;

/** Bytes of JSON in one request to a peer. Peers are taken to accept what this node does. */
export function bodyBytes({ server }: ArtemisConfig): number {
  return Math.min(mostBytes, server.maxBodyBytes / 2);
}
