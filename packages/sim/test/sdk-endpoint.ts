import {
  apiRoutes,
  ArtemisError,
  type AppState,
  type DiscoveryConfig,
  type PeerRequest,
  type PeerResponse,
} from '@artemis/core';
import type { SimEndpoint } from '@artemis/core/testing';
import { bufferOf } from '../../web/src/encoded.js';
import type { Reply } from '../../web/src/reply.js';
import { discoveryHandlers } from '../../web/src/routes/discovery.js';
import { answerClient, isClientRequest } from '../src/client-endpoint.js';
import type { SimNode } from '../src/sim-node.js';

/** Requests of the SDK carry it, since the nodes of a simulation ask each other some of the same. */
export const sdkHeader = 'x-sim-sdk';

const ok = (body: unknown, headers = {}): PeerResponse => ({ status: 200, headers, body });

type Discovery = ReturnType<typeof discoveryHandlers>;
/** Of each run of a node. */
const handlers = new WeakMap<AppState, Discovery>();

function handlersOf(state: AppState): Discovery {
  const known = handlers.get(state) ?? discoveryHandlers(state);
  handlers.set(state, known);
  return known;
}

/** Answers what the SDK asks over HTTP, by the handlers of a node's own routes, long polls included. */
export function sdkEndpoint(node: SimNode, forOthers: SimEndpoint): SimEndpoint {
  return async (request) => {
    if (request.headers[sdkHeader] === undefined) return forOthers(request);
    const { state } = node.node;
    const { ready } = state.health.readiness();
    const path = request.path.replace(/\?.*$/, '');
    if (!ready && !path.startsWith('/api/cluster')) {
      const body = { response_status: { error_code: 'service-unavailable' } };
      return { status: 503, headers: { 'retry-after': '1' }, body };
    }
    if (isClientRequest(request)) return answerClient(state, request);
    switch (path) {
      case apiRoutes.ready.path:
        return ok(state.health.readiness());
      case `${apiRoutes.upDiscoveryNodes.path}.json`:
      case `${apiRoutes.upRegistryNodes.path}.json`:
        return ok(state.cluster.upNodes());
      default:
        return responseOf(await discover(handlersOf(state), path, request));
    }
  };
}

async function discover(routes: Discovery, path: string, request: PeerRequest): Promise<Reply> {
  const { method, headers } = request;
  const whenGone = (): void => undefined;
  const call = { headers, body: request.body as never, query: undefined, whenGone };
  switch (`${method} ${path}`) {
    case `GET ${apiRoutes.service.path}.json`: {
      const query = new URLSearchParams(request.path.slice(request.path.indexOf('?')));
      const place = Object.fromEntries(query) as Record<string, string> & DiscoveryConfig;
      return routes.service.GET({ headers, body: undefined, query: place as never, whenGone });
    }
    case `POST ${apiRoutes.service.path}.json`:
      return routes.service.POST(call);
    case `POST ${apiRoutes.services.path}.json`:
      return routes.services.POST(call);
    case `POST ${apiRoutes.lookup.path}.json`:
      return routes.lookup.POST(call);
    case `POST ${apiRoutes.servicesDelta.path}.json`:
      return routes.servicesDelta.POST(call);
    default:
      throw new ArtemisError('unknown-path', `the SDK is not expected to ask for ${method} ${path}`);
  }
}

function responseOf({ status, headers, body }: Reply): PeerResponse {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { status, headers: Object.fromEntries(lower) as Record<string, string>, body: contentOf(body) };
}

function contentOf(body: Reply['body']): unknown {
  if (body === undefined) return undefined;
  if (typeof body === 'string') return JSON.parse(body);
  if (!('plain' in body)) throw new Error('no answer to the SDK comes in chunks');
  return JSON.parse(new TextDecoder().decode(bufferOf(body.plain)));
}
