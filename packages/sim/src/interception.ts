import type { PeerRequest, PeerResponse } from '@artemis/core';
import { apiRoutes, pathsOf, stampWallMs } from '@artemis/core';
import type { SimEndpoint } from '@artemis/core/testing';
import type { SimNode } from './sim-node.js';
import type { Stage } from './stage.js';

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

/** A copy of what is younger is the first one; later ones are repairs. */
const freshMs = 900;

/** Every node drops what it is sent at once, and says that it took it. Answers how many requests were dropped so far. */
export function dropNews(stage: Stage): () => number {
  let dropped = 0;
  for (const node of stage.nodes) {
    intercept(node, (request) => {
      const isNews =
        isRoute(request, 'replicaRegister', 'replicaUnregister') && isFresh(request, stage.nowWallMs);
      if (!isNews) return undefined;
      dropped += 1;
      return taken;
    });
  }
  return () => dropped;
}

type Item = {
  readonly version?: readonly [number];
  readonly replica?: { readonly version: readonly [number] };
};

function isFresh({ body }: PeerRequest, nowWallMs: number): boolean {
  const { instances, instance_keys: keys } = body as Partial<Record<string, Item[]>>;
  const items = instances ?? keys ?? [];
  const stamps = items.map(({ version, replica }) => (version ?? replica?.version ?? [0])[0]);
  return Math.max(...stamps.map((stamp) => stampWallMs(stamp))) > nowWallMs - freshMs;
}
