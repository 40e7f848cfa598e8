import {
  apiRoutes,
  serviceKeyOf,
  type AppState,
  type PeerRequest,
  type PeerResponse,
  type PreparedAnswer,
} from '@artemis/core';
import type { SimEndpoint } from '@artemis/core/testing';
import { answerClient, isClientRequest } from '../src/client-endpoint.js';
import type { SimNode } from '../src/sim-node.js';

/** Requests of the SDK carry it, since the nodes of a simulation ask each other some of the same. */
export const sdkHeader = 'x-sim-sdk';

const ok = (body: unknown, headers = {}): PeerResponse => ({ status: 200, headers, body });

/** Answers what the SDK asks over HTTP, as the routes of a node would, long polls included. */
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
      case `${apiRoutes.service.path}.json`:
        return request.method === 'GET' ? watched(node, request) : asked(state, request);
      default:
        throw new Error(`the SDK is not expected to ask for ${path}`);
    }
  };
}

function read(answer: PreparedAnswer): unknown {
  return JSON.parse(new TextDecoder().decode(answer.bytes()));
}

function asked({ discovery }: AppState, { body }: PeerRequest): PeerResponse {
  const { discovery_config: config } = body as { discovery_config: { service_id: string } };
  return ok(read(discovery.service(config)));
}

function watched(node: SimNode, { path, headers }: PeerRequest): Promise<PeerResponse> {
  const { state } = node.node;
  const { scheduler } = node.runtime;
  const query = new URLSearchParams(path.slice(path.indexOf('?')));
  const serviceId = query.get('service_id') ?? '';
  const answer = (): PeerResponse => {
    const prepared = state.discovery.service({
      service_id: serviceId,
      discovery_data: { status: query.get('status') === 'any' ? 'any' : 'up' },
    });
    const etag = prepared.etag === undefined ? {} : { etag: prepared.etag };
    if (prepared.etag !== undefined && prepared.etag === headers['if-none-match']) {
      return { status: 304, headers: etag, body: undefined };
    }
    return ok(read(prepared), etag);
  };
  const now = answer();
  if (now.status !== 304 || !query.has('wait')) return Promise.resolve(now);
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      forget();
      forgetDrain();
      resolve(answer());
    };
    const cancel = scheduler.after(1000 * Number(query.get('wait')), end);
    const forgetDrain = state.health.onDrain(end);
    const forget = state.changes.subscribe(({ record }) => {
      if (serviceKeyOf(record.instanceKey.service_id) === serviceKeyOf(serviceId)) scheduler.soon(end);
    });
  });
}
