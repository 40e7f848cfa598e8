import * as z from 'zod';
import * as api from './api.js';
import * as exchange from './exchange.js';
import * as explain from './explain.js';
import * as leases from './leases.js';
import * as node from './node.js';
import * as peer from './peer.js';

/** Who a route is for: it decides admission, rate limits and the document's tags. */
export type RouteAudience = 'client' | 'peer' | 'operator';

/** One row of the HTTP API. Routes are mounted, checked and documented from these rows alone. */
export interface ApiRoute {
  readonly methods: readonly ('GET' | 'POST')[];
  readonly path: string;
  /** Whether the same is also served at `path` + `.json`, which is the documented form. */
  readonly json: boolean;
  readonly audience: RouteAudience;
  readonly summary: string;
  /** Body of a POST, as documented. */
  readonly body?: z.ZodType;
  /** What of the body is enforced before the handler: a failure is 422. Items are parsed later, one by one. */
  readonly envelope?: z.ZodType;
  /** Query parameters of a GET. */
  readonly query?: z.ZodObject;
  /** Whether requests count against the rate limit of their address. */
  readonly limited: boolean;
  /** Body of a 200; absent for plain text. */
  readonly response?: z.ZodType;
  /** Other statuses that belong to this route alone. */
  readonly otherStatuses?: Readonly<Record<number, string>>;
}

const client = { json: true, audience: 'client', limited: true } as const;
const between = { json: true, audience: 'peer', limited: false } as const;
const operator = { json: true, audience: 'operator', limited: true } as const;
const replicaBatch = { instances: api.registerEnvelopeSchema, keys: api.keysEnvelopeSchema };

/** The whole HTTP API, by route name. */
export const apiRoutes = {
  register: {
    ...client,
    methods: ['POST'],
    path: '/api/registry/register',
    summary: 'Register instances, or register them anew',
    body: api.registerRequestSchema,
    envelope: api.registerEnvelopeSchema,
    response: api.registerResponseSchema,
  },
  heartbeat: {
    ...client,
    methods: ['POST'],
    path: '/api/registry/heartbeat',
    summary: 'Keep leases alive; keys that are unknown here are listed, the others renewed all the same',
    body: api.keysRequestSchema,
    envelope: api.keysEnvelopeSchema,
    response: api.keysResponseSchema,
  },
  unregister: {
    ...client,
    methods: ['POST'],
    path: '/api/registry/unregister',
    summary: 'Remove instances; an unknown key is no failure',
    body: api.keysRequestSchema,
    envelope: api.keysEnvelopeSchema,
    response: api.keysResponseSchema,
  },
  service: {
    ...client,
    methods: ['GET', 'POST'],
    path: '/api/discovery/service',
    summary: 'The instances of one service',
    body: api.discoverServiceRequestSchema,
    envelope: api.discoverServiceEnvelopeSchema,
    query: api.discoverServiceQuerySchema,
    response: api.discoverServiceResponseSchema,
    otherStatuses: { 304: 'The service has not changed since the ETag in If-None-Match' },
  },
  services: {
    ...client,
    methods: ['GET', 'POST'],
    path: '/api/discovery/services',
    summary: 'All services, page by page',
    body: api.serviceListRequestSchema,
    envelope: api.anyObjectSchema,
    query: api.serviceListQuerySchema,
    response: api.serviceListResponseSchema,
  },
  servicesDelta: {
    ...client,
    methods: ['POST'],
    path: '/api/discovery/services-delta',
    summary:
      'What changed since a revision; data-not-found when the changes are no longer known: ask for all',
    body: api.servicesDeltaRequestSchema,
    envelope: api.anyObjectSchema,
    response: api.servicesDeltaResponseSchema,
  },
  lookup: {
    ...client,
    methods: ['POST'],
    path: '/api/discovery/lookup',
    summary: 'Several services at once, or one instance chosen by a strategy',
    body: api.lookupRequestSchema,
    envelope: api.lookupEnvelopeSchema,
    response: api.lookupResponseSchema,
  },
  replicaRegister: {
    ...between,
    methods: ['POST'],
    path: '/api/replication/registry/register',
    summary: 'Records from a peer',
    body: peer.replicaRegisterRequestSchema,
    envelope: replicaBatch.instances,
    response: peer.replicaRegisterResponseSchema,
  },
  replicaHeartbeat: {
    ...between,
    methods: ['POST'],
    path: '/api/replication/registry/heartbeat',
    summary: 'Renewals that a peer accepted',
    body: peer.replicaHeartbeatRequestSchema,
    envelope: replicaBatch.keys,
    response: peer.replicaHeartbeatResponseSchema,
  },
  replicaUnregister: {
    ...between,
    methods: ['POST'],
    path: '/api/replication/registry/unregister',
    summary: 'Removals from a peer',
    body: peer.replicaUnregisterRequestSchema,
    envelope: replicaBatch.keys,
    response: peer.replicaUnregisterResponseSchema,
  },
  replicaServices: {
    ...between,
    methods: ['GET'],
    path: '/api/replication/registry/services',
    summary: 'The whole live table, grouped by service, streamed',
    response: peer.replicaServicesResponseSchema,
  },
  replicaDigest: {
    ...between,
    methods: ['POST'],
    path: '/api/replication/registry/digest',
    summary: 'Which buckets of the live table differ, and what the differing leaves hold',
    body: exchange.digestRequestSchema,
    envelope: exchange.digestRequestSchema,
    response: exchange.digestResponseSchema,
  },
  replicaRecords: {
    ...between,
    methods: ['POST'],
    path: '/api/replication/registry/records',
    summary: 'Records by key, or the whole live table page by page',
    body: exchange.recordsRequestSchema,
    envelope: exchange.recordsRequestSchema,
    response: exchange.recordsResponseSchema,
  },
  replicaLeases: {
    ...between,
    methods: ['POST'],
    path: '/api/replication/registry/leases',
    summary: 'How long ago leases were renewed, as far as this node knows',
    body: exchange.leaseAgesRequestSchema,
    envelope: exchange.leaseAgesRequestSchema,
    response: exchange.leaseAgesResponseSchema,
  },
  upRegistryNodes: {
    ...client,
    methods: ['POST'],
    path: '/api/cluster/up-registry-nodes',
    summary: 'The nodes that take registrations',
    response: node.upNodesResponseSchema,
  },
  upDiscoveryNodes: {
    ...client,
    methods: ['POST'],
    path: '/api/cluster/up-discovery-nodes',
    summary: 'The nodes that answer discovery',
    response: node.upNodesResponseSchema,
  },
  node: {
    ...operator,
    limited: false,
    methods: ['GET', 'POST'],
    path: '/api/status/node',
    summary: 'This node; also the probe between nodes',
    response: node.nodeStatusSchema,
  },
  cluster: {
    ...operator,
    methods: ['GET', 'POST'],
    path: '/api/status/cluster',
    summary: 'This node and every peer as seen from here, the dead ones too',
    response: node.clusterStatusSchema,
  },
  leases: {
    ...operator,
    methods: ['GET', 'POST'],
    path: '/api/status/leases',
    summary: 'Leases by service',
    query: leases.leasesQuerySchema,
    response: leases.leasesResponseSchema,
  },
  explain: {
    ...operator,
    methods: ['GET'],
    path: '/api/status/explain',
    summary: 'Why this node lists an instance, or does not',
    query: explain.explainQuerySchema,
    response: explain.explainResponseSchema,
  },
  config: {
    ...operator,
    methods: ['GET'],
    path: '/api/status/config',
    summary: 'Effective configuration and where each value came from, secrets hidden',
    response: node.configResponseSchema,
  },
  health: {
    json: false,
    audience: 'operator',
    limited: false,
    methods: ['GET'],
    path: '/health',
    summary: 'OK while the process serves',
    otherStatuses: { 503: 'The process cannot serve; the text says why' },
  },
  ready: {
    json: false,
    audience: 'operator',
    limited: false,
    methods: ['GET'],
    path: '/health/ready',
    summary: 'Whether this node may be sent clients: each gate and its reason',
    response: node.readinessSchema,
    otherStatuses: { 503: 'Not ready; the body says why' },
  },
  metrics: {
    json: false,
    audience: 'operator',
    limited: false,
    methods: ['GET'],
    path: '/metrics',
    summary: 'Prometheus text',
  },
  openapi: {
    json: false,
    audience: 'operator',
    limited: true,
    methods: ['GET'],
    path: '/openapi.json',
    summary: 'This document',
    response: z.looseObject({}),
  },
} as const satisfies Record<string, ApiRoute>;

export type RouteName = keyof typeof apiRoutes;

type Row<Name extends RouteName> = (typeof apiRoutes)[Name];

/** The methods that a route serves. */
export type RouteMethod<Name extends RouteName> = Row<Name>['methods'][number];

/** What is known of a body once its envelope is checked; `undefined` when the route ignores bodies. */
export type RouteBody<Name extends RouteName> =
  Row<Name> extends { readonly envelope: infer Envelope extends z.ZodType } ? z.infer<Envelope> : undefined;

/** The checked query parameters; `undefined` when the route ignores them. */
export type RouteQuery<Name extends RouteName> =
  Row<Name> extends { readonly query: infer Query extends z.ZodType } ? z.infer<Query> : undefined;

/** Where a route is served: its documented path first, then its alias. */
export function pathsOf(route: ApiRoute): readonly string[] {
  return route.json ? [`${route.path}.json`, route.path] : [route.path];
}
