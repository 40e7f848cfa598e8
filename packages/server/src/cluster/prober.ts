import type { NodeStatus } from '@artemis/core';
import { apiRoutes, nodeStatusSchema } from '@artemis/core';
import type { PeerCaller } from './caller.js';
import type { PeerTarget } from './peer.js';

/** What a probe found. */
export type ProbeResult =
  | { readonly kind: 'node'; readonly status: NodeStatus }
  /** It serves, but does not say who it is: an older or foreign one, which is sent the same bodies. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'failed'; readonly reason: string };

const probePath = `${apiRoutes.node.path}.json`;

/** Asks a peer who it is and how it is. Never rejects. */
export async function probe(caller: PeerCaller, peer: PeerTarget, timeoutMs: number): Promise<ProbeResult> {
  try {
    const response = await caller.call(peer, { method: 'GET', path: probePath, timeoutMs });
    if (response.status === 404) return await probeHealth(caller, peer, timeoutMs);
    if (response.status !== 200)
      return { kind: 'failed', reason: `the probe was answered with HTTP ${response.status}` };
    const status = nodeStatusSchema.safeParse(response.body);
    if (!status.success)
      return { kind: 'failed', reason: 'the probe was answered with something that is no node' };
    return { kind: 'node', status: status.data };
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

async function probeHealth(caller: PeerCaller, peer: PeerTarget, timeoutMs: number): Promise<ProbeResult> {
  const { status } = await caller.call(peer, { method: 'GET', path: apiRoutes.health.path, timeoutMs });
  return status === 200
    ? { kind: 'foreign' }
    : { kind: 'failed', reason: `its health check was answered with HTTP ${status}` };
}
