export { Bag } from './bag.js';
export { JsonPieces } from './json-pieces.js';
export { ArtemisError, errorTable, httpProblems } from './errors.js';
export type { ErrorCode, HttpProblem, ProblemDetails } from './errors.js';

export {
  discoverServiceQuerySchema,
  discoverServiceRequestSchema,
  discoverServiceResponseSchema,
  discoveryConfigSchema,
  failureSchema,
  keysRequestSchema,
  keysResponseSchema,
  lookupRequestSchema,
  lookupResponseSchema,
  registerRequestSchema,
  registerResponseSchema,
  responseStatusSchema,
  serviceListQuerySchema,
  serviceListRequestSchema,
  serviceListResponseSchema,
  servicesDeltaRequestSchema,
  servicesDeltaResponseSchema,
  strategySchema,
} from './models/api.js';
export type {
  DiscoverServiceResponse,
  DiscoveryConfig,
  FailedInstance,
  HeartbeatRequest,
  HeartbeatResponse,
  LookupRequest,
  LookupResponse,
  RegisterRequest,
  RegisterResponse,
  ResponseStatus,
  ServiceListRequest,
  ServiceListResponse,
  ServicesDeltaRequest,
  ServicesDeltaResponse,
  Strategy,
  UnregisterRequest,
  UnregisterResponse,
} from './models/api.js';
export { instanceChangeSchema, toInstanceChange, visibilitySchema } from './models/change.js';
export type {
  Change,
  ChangeOrigin,
  ChangeReason,
  ChangeType,
  InstanceChange,
  Visibility,
} from './models/change.js';
export {
  digestEnvelopeSchema,
  leaseAgesRequestSchema,
  leaseAgesResponseSchema,
  recordsEnvelopeSchema,
  versionedKeySchema,
} from './models/exchange.js';
export type {
  DigestEnvelope,
  DigestRequest,
  DigestResponse,
  LeaseAgesRequest,
  LeaseAgesResponse,
  RecordsEnvelope,
  RecordsRequest,
  RecordsResponse,
  VersionedKey,
} from './models/exchange.js';
export { explainResponseSchema } from './models/explain.js';
export type { ExplainResponse } from './models/explain.js';
export { HybridClock, stampAt, stampWallMs } from './models/hybrid-clock.js';
export {
  idSchema,
  instanceKeySchema,
  instanceSchema,
  instanceStatusSchema,
  keyOf,
  keyTextOf,
  replicatedInstanceSchema,
  sameInstance,
  serviceKeyOf,
  toInstance,
  toInstanceKey,
} from './models/instance.js';
export type {
  Instance,
  InstanceInput,
  InstanceKey,
  InstanceKeyInput,
  InstanceStatus,
} from './models/instance.js';
export { describeIssue } from './models/issues.js';
export { deadlineOf } from './models/lease.js';
export type { Lease } from './models/lease.js';
export { leasesQuerySchema, leasesResponseSchema } from './models/leases.js';
export type { LeasesResponse, LeaseStatus, SelfPreservationStatus } from './models/leases.js';
export { limits } from './models/limits.js';
export {
  clusterStatusSchema,
  configResponseSchema,
  nodeStatusSchema,
  peerStateSchema,
  peerStatusSchema,
  readinessSchema,
  upNodesResponseSchema,
} from './models/node.js';
export type {
  ClusterStatus,
  ConfigResponse,
  NodeStatus,
  PeerState,
  PeerStatus,
  Readiness,
  UpNodesResponse,
} from './models/node.js';
export { openApiDocument } from './models/openapi.js';
export {
  decodeRecord,
  decodeRemoval,
  encodeRecord,
  encodeRemoval,
  removalSchema,
  renewalSchema,
  replicaHeartbeatResponseSchema,
  replicaInstanceSchema,
  replicaRecordSchema,
  replicaRegisterResponseSchema,
  replicaSchema,
  replicaServiceSchema,
  replicaUnregisterResponseSchema,
  writeRecord,
  writeRenewal,
} from './models/peer.js';
export { readInstance } from './models/read-instance.js';
export { readRecord } from './models/read-record.js';
export { readRenewal, type ReadRenewal } from './models/read-renewal.js';
export { readVersionedKey } from './models/read-versioned-key.js';
export type { ReadVersionedKey } from './models/read-versioned-key.js';
export type {
  AgedRecord,
  Removal,
  Renewal,
  ReplicaHeartbeatResponse,
  ReplicaRecord,
  ReplicaRegisterResponse,
  ReplicaService,
  ReplicaUnregisterResponse,
} from './models/peer.js';
export {
  adopt,
  aliveRecord,
  beats,
  expiredRecord,
  expiryOf,
  isCoherent,
  merge,
  namesOf,
  refutationOf,
  takeOverOf,
  unregistered,
  withVersion,
} from './models/record.js';
export type { AliveRecord, RegistryRecord, RemovalReason, RemovedRecord } from './models/record.js';
export { clientMessageSchema, pushPath, serverMessageSchema } from './models/push.js';
export type { ClientMessage, ServerMessage } from './models/push.js';
export { apiRoutes, pathsOf } from './models/routes.js';
export type {
  ApiRoute,
  RouteAudience,
  RouteBody,
  RouteMethod,
  RouteName,
  RouteQuery,
} from './models/routes.js';
export { discoveredInstanceSchema, serviceSchema } from './models/service.js';
export type { DiscoveredInstance, Service } from './models/service.js';
export {
  compareVersions,
  decodeVersion,
  encodeVersion,
  sameRegistration,
  wireVersionSchema,
} from './models/version.js';
export type { Version, WireVersion } from './models/version.js';

export type { Admission, Cluster, PeerHandler, RequestHeaders } from './traits/cluster.js';
export type { Discovery, PreparedAnswer, Snapshots } from './traits/discovery.js';
export type {
  ConfigInspector,
  Explainer,
  Health,
  NodeClock,
  PushGauges,
  PushMetrics,
  RateDecision,
  RateLimiter,
  RequestMetrics,
  SessionEnd,
} from './traits/operations.js';
export type { ChangeFeed, ChangeListener, LeaseInspector, Registry } from './traits/registry.js';
export { TransportError } from './traits/runtime.js';
export type {
  Cancel,
  Clock,
  LogFields,
  Logger,
  JsonBody,
  PeerRequest,
  PeerResponse,
  PeerTransport,
  Random,
  RecordStore,
  Resolver,
  Runtime,
  Scheduler,
  StoreCommit,
  StoredState,
  StoreNotes,
  TransportFailure,
} from './traits/runtime.js';
export { softwareVersion } from './software.js';
export { delay, nextTurn, Slices } from './turn.js';
export type { AppState, HttpSettings, PushSettings } from './traits/state.js';
