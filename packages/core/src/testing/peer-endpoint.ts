import { ArtemisError } from '../errors.js';
import { describeIssue } from '../models/issues.js';
import { apiRoutes, pathsOf, type ApiRoute, type RouteBody } from '../models/routes.js';
import type { PeerRequest, PeerResponse } from '../traits/runtime.js';
import type { AppState } from '../traits/state.js';
import { nextTurn } from '../turn.js';
import { bytesOf, jsonText, parsePieces } from './wire-text.js';

type PeerRouteName =
  | 'replicaRegister'
  | 'replicaHeartbeat'
  | 'replicaUnregister'
  | 'replicaServices'
  | 'replicaDigest'
  | 'replicaRecords'
  | 'replicaLeases'
  | 'node'
  | 'health';

type Handler = (state: AppState, request: PeerRequest) => unknown;

const handlers: Readonly<Record<PeerRouteName, Handler>> = {
  replicaRegister: ({ peers }, { body, headers }) =>
    peers.register((body as RouteBody<'replicaRegister'>).instances, headers),
  replicaHeartbeat: ({ peers }, { body, headers }) =>
    peers.heartbeat((body as RouteBody<'replicaHeartbeat'>).instance_keys, headers),
  replicaUnregister: ({ peers }, { body, headers }) =>
    peers.unregister((body as RouteBody<'replicaUnregister'>).instance_keys, headers),
  replicaServices: ({ peers }) => ({
    response_status: { error_code: 'success' },
    services: [...peers.services()],
  }),
  replicaDigest: ({ peers }, { body, headers }) => peers.digest(body as RouteBody<'replicaDigest'>, headers),
  replicaRecords: ({ peers, scheduler }, { body }) =>
    whole(peers.records(body as RouteBody<'replicaRecords'>), scheduler),
  replicaLeases: ({ peers, scheduler }, { body }) =>
    whole(peers.leaseAges(body as RouteBody<'replicaLeases'>), scheduler),
  node: ({ cluster }) => cluster.node(),
  health: ({ health }) => health.unhealthy() ?? 'OK',
};

/**
 * Answers what peers ask of a node, as its HTTP routes would, without HTTP.
 *
 * An error that is no `ArtemisError` is a defect and rejects, where HTTP would answer 500: a simulation that repairs
 * itself must not hide it.
 */
export function peerEndpoint(state: AppState): (request: PeerRequest) => Promise<PeerResponse> {
  return async (request) => {
    const { status, headers, body } = await answer(state, request);
    const ownHeaders = {
      'x-artemis-node': state.http.nodeId,
      'x-artemis-clock': String(state.clock.stamp()),
    };
    return { status, headers: { ...headers, ...ownHeaders }, body };
  };
}

async function answer(state: AppState, request: PeerRequest): Promise<PeerResponse> {
  try {
    const found = routeOf(request);
    const row: ApiRoute = apiRoutes[found];
    if (row.audience === 'peer') {
      const admission = state.peers.admit(request.headers);
      if (admission === 'not-replication') return { status: 400, headers: {}, body: undefined };
      if (admission === 'unauthorized') {
        throw new ArtemisError('unauthorized', 'the cluster secret is missing or not the one of this node');
      }
      if (admission === 'forbidden') throw new ArtemisError('forbidden', 'both nodes have the same node id');
    }
    const isProof = row.audience === 'peer' || request.method === 'GET';
    if (isProof && request.headers['x-artemis-node'] !== undefined) state.peers.contact(request.headers);
    checkMethod(row, request);
    checkBody(row, request, state.http.maxBodyBytes);
    return { status: 200, headers: {}, body: await handlers[found](state, request) };
  } catch (error) {
    if (!(error instanceof ArtemisError)) throw error;
    return failure(error);
  }
}

/** Makes an answer that comes in pieces, one in each turn, as HTTP does. */
async function whole(pieces: Iterable<Uint8Array>, scheduler: AppState['scheduler']): Promise<unknown> {
  const made: Uint8Array[] = [];
  for (const piece of pieces) {
    made.push(piece.slice());
    await nextTurn(scheduler);
  }
  return parsePieces(made);
}

function routeOf({ path }: PeerRequest): PeerRouteName {
  const names = Object.keys(handlers) as PeerRouteName[];
  const found = names.find((name) => pathsOf(apiRoutes[name]).includes(path));
  if (found === undefined) throw new ArtemisError('unknown-path', `${path} is not served to peers`);
  return found;
}

function checkMethod(row: ApiRoute, { method }: PeerRequest): void {
  if (row.methods.includes(method)) return;
  throw new ArtemisError('wrong-method', `${method} is not served here, only ${row.methods.join(', ')}`);
}

function checkBody({ envelope }: ApiRoute, { body }: PeerRequest, maxBytes: number): void {
  if (envelope === undefined) return;
  if (body === undefined) {
    throw new ArtemisError('wrong-media-type', 'expected Content-Type application/json, got none');
  }
  if (bytesOf(jsonText(body)) > maxBytes) {
    throw new ArtemisError('too-large', `the body is larger than ${maxBytes} bytes (server.max_body_bytes)`);
  }
  const checked = envelope.safeParse(body);
  if (checked.success) return;
  const isWhole = checked.error.issues[0]?.path.length === 0;
  throw new ArtemisError('wrong-envelope', describeIssue(checked.error, isWhole ? 'body' : ''));
}

function failure({ code, message, status, problem, details }: ArtemisError): PeerResponse {
  const waits =
    problem === 'unavailable' || problem === 'rate-limited' || details.retryAfterSecs !== undefined;
  const seconds = Math.max(1, Math.ceil(details.retryAfterSecs ?? 1));
  return {
    status,
    headers: waits ? { 'retry-after': String(seconds) } : {},
    body: { response_status: { error_code: code, error_message: message } },
  };
}
