import type { PeerRequest, PeerResponse } from '@artemis/core';
import { apiRoutes, pathsOf } from '@artemis/core';
import type { SimEndpoint } from '@artemis/core/testing';
import type { SimNode } from './sim-node.js';

type Route = keyof typeof apiRoutes;

/** What a node that does nothing of the kind answers, as if it had. */
export const taken: PeerResponse = {
  status: 200,
  headers: {},
  body: { response_status: { error_code: 'success' } },
};

/** What a node in trouble answers. */
export const trouble: PeerResponse = { status: 500, headers: {}, body: undefined };

export function isRoute({ path }: PeerRequest, ...routes: readonly Route[]): boolean {
  return routes.some((route) => pathsOf(apiRoutes[route]).includes(path));
}

/**
 * Answers requests to a node in its place where `answer` has something to say, so that one mechanism can be taken away
 * and another one must do.
 */
export function intercept(
  node: SimNode,
  answer: (request: PeerRequest, endpoint: SimEndpoint) => PeerResponse | undefined,
): void {
  node.wrap((endpoint) => async (request) => answer(request, endpoint) ?? endpoint(request));
}

/** No node compares tables any more. */
export function withoutDigests(nodes: readonly SimNode[]): void {
  for (const node of nodes) {
    intercept(node, (request) => (isRoute(request, 'replicaDigest') ? trouble : undefined));
  }
}
