import type { DigestRequest, DigestResponse, LeaseAgesRequest, RecordsRequest } from '../models/exchange.js';
import type { ClusterStatus, NodeStatus, UpNodesResponse } from '../models/node.js';
import type {
  ReplicaHeartbeatResponse,
  ReplicaRegisterResponse,
  ReplicaService,
  ReplicaUnregisterResponse,
} from '../models/peer.js';

export interface Cluster {
  node(): NodeStatus;
  status(): ClusterStatus;
  /** This node and the peers that are alive, for clients. */
  upNodes(): UpNodesResponse;
}

/** Request headers by lower-case name, as `node:http` has them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Whether a request may use the routes between nodes; `forbidden` to a node that has the id of this one. */
export type Admission = 'admitted' | 'not-replication' | 'unauthorized' | 'forbidden';

/** What peers do to this node. Items are checked one by one. What arrives with a version is never passed on. */
export interface PeerHandler {
  /** Checks `X-Artemis-Replication`, the secret (in constant time), and that the sender is not a second one of this node. */
  admit(headers: RequestHeaders): Admission;
  /** Any request of a peer, a probe too, proves it alive and tells its clock. */
  contact(headers: RequestHeaders): void;
  register(instances: readonly unknown[], headers: RequestHeaders): Promise<ReplicaRegisterResponse>;
  heartbeat(instanceKeys: readonly unknown[], headers: RequestHeaders): ReplicaHeartbeatResponse;
  unregister(instanceKeys: readonly unknown[], headers: RequestHeaders): Promise<ReplicaUnregisterResponse>;
  /** All live records, service by service, to be sent as they come. */
  services(): Iterable<ReplicaService>;
  /** Compares buckets of the live table. */
  digest(request: DigestRequest, headers: RequestHeaders): DigestResponse;
  /**
   * Records by key, or a page of all: a `RecordsResponse` as pieces of JSON, each made when it is taken, and overwritten
   * by the next one. Each is the work of a turn: other requests have theirs between two of them.
   * @throws ArtemisError `wrong-envelope` for a wrong cursor
   */
  records(request: RecordsRequest): Iterable<Uint8Array>;
  /** Lease ages by key or by owner, a page: a `LeaseAgesResponse` in the same way. */
  leaseAges(request: LeaseAgesRequest): Iterable<Uint8Array>;
}
