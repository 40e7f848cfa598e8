import type {
  AppState,
  ClusterStatus,
  DiscoverServiceResponse,
  ExplainResponse,
  LeasesResponse,
  LogFields,
  NodeStatus,
  PreparedAnswer,
  RateDecision,
} from '@artemis/core';
import { anInstance } from '@artemis/core/testing';

/** A call that the HTTP layer made of the node. */
type Recorded = readonly [name: string, ...details: readonly unknown[]];

interface LogLine {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
  readonly fields: LogFields | undefined;
}

/** A node that records what it is asked and answers what a test sets. */
export interface FakeNode {
  readonly state: AppState;
  readonly calls: Recorded[];
  readonly log: LogLine[];
  readonly observed: { method: string; route: string; status: number; seconds: number }[];
}

/** Parts of a node that a test replaces. */
export type Overrides = { readonly [Part in keyof AppState]?: Partial<AppState[Part]> };

export const logId = 'node1#run1';
export const ok = { error_code: 'success' } as const;

export const instance = anInstance();

export const instanceKey = {
  region_id: 'local',
  zone_id: 'zone1',
  service_id: 'test-service',
  instance_id: 'inst-1',
} as const;

export const nodeStatus: NodeStatus = {
  node_id: 'node1',
  run_id: 'run1',
  status: 'up',
  region: 'local',
  zone: 'zone1',
  address: '127.0.0.1:8080',
  wall_time_ms: 1,
  version: '9.8.7',
  revision: 7,
  live_records: 1,
  uptime_ms: 5,
};

export const noLeases: LeasesResponse = {
  total: 0,
  unconfirmed: 0,
  hidden: 0,
  self_preservation: { enabled: true, entered: 0, timed_out: 0, active: [] },
  services: [],
};

export const explanation: ExplainResponse = {
  node_id: 'node1',
  instance_key: instanceKey,
  listed: false,
  summary: 'not listed: this node knows nothing of it',
  filters: [],
  last_changes: [],
};

const clusterStatus: ClusterStatus = { self: nodeStatus, peers: [] };
const allowed: RateDecision = { allowed: true, retryAfterMs: 0 };

export function prepared(response: Partial<DiscoverServiceResponse>, etag?: string): PreparedAnswer {
  const whole = { response_status: ok, revision: 7, log_id: logId, ...response };
  return { response: whole, text: () => JSON.stringify(whole), etag };
}

/** A healthy node that is called `node1` and knows `test-service`. */
export function fakeNode(overrides: Overrides = {}): FakeNode {
  const calls: Recorded[] = [];
  const log: LogLine[] = [];
  const observed: FakeNode['observed'] = [];
  const record = (name: string, ...details: unknown[]) => void calls.push([name, ...details]);
  const write = (level: LogLine['level']) => (message: string, fields?: LogFields) =>
    void log.push({ level, message, fields });
  const healthy = healthyState(record);
  const state: AppState = {
    ...healthy,
    metrics: {
      observe: (request) => void observed.push(request),
      render: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'up 1\n' }),
    },
    logger: { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') },
  };
  const replaced = Object.entries(state).map(([part, value]: [string, object]) => [
    part,
    { ...value, ...overrides[part as keyof AppState] },
  ]);
  return { state: Object.fromEntries(replaced) as AppState, calls, log, observed };
}

type Record = (name: string, ...details: unknown[]) => void;

function healthyState(record: Record): Omit<AppState, 'metrics' | 'logger'> {
  let nowMs = 0;
  let ids = 0;
  const planned = (how: string, task: () => void) => {
    record(how, task);
    return () => undefined;
  };
  const answerOk = (name: string) => (details: unknown) => {
    record(name, details);
    return { response_status: ok };
  };
  return {
    registry: {
      register: async (instances) => answerOk('register')(instances),
      heartbeat: answerOk('heartbeat'),
      unregister: async (keys) => answerOk('unregister')(keys),
    },
    discovery: {
      service(config) {
        record('service', config);
        return prepared(
          { service: { service_id: config.service_id, instances: [instance] } },
          `"${logId}-7"`,
        );
      },
      services(request) {
        record('services', request);
        return { response_status: ok, services: [], revision: 7, log_id: logId };
      },
      lookup(request) {
        record('lookup', request);
        return { response_status: ok, services: [], revision: 7, log_id: logId };
      },
    },
    snapshots: {
      service: (id) => ({ service_id: id, instances: [] }),
      revisionOf: () => undefined,
      serviceKeys: () => [],
    },
    changes: { logId, revision: 7, since: () => [], subscribe: () => () => undefined },
    cluster: {
      node: () => nodeStatus,
      status: () => clusterStatus,
      upNodes: () => ({ response_status: ok, nodes: [] }),
    },
    peers: {
      admit: () => 'admitted',
      contact: (headers) => record('contact', headers['x-artemis-node']),
      register: async (instances) => answerOk('replicaRegister')(instances),
      heartbeat: (keys) => answerOk('replicaHeartbeat')(keys),
      unregister: async (keys) => answerOk('replicaUnregister')(keys),
      services: () => [],
      digest(request) {
        record('replicaDigest', request);
        return { response_status: ok, root: '0', count: 0, buckets: [], leaves: [] };
      },
      records(request) {
        record('replicaRecords', request);
        return [Buffer.from(JSON.stringify({ response_status: ok, instances: [] }))];
      },
      leaseAges(request) {
        record('replicaLeases', request);
        return [Buffer.from(JSON.stringify({ response_status: ok, leases: [] }))];
      },
    },
    leases: {
      leases(query) {
        record('leases', query);
        return noLeases;
      },
    },
    explainer: {
      explain(key) {
        record('explain', key);
        return explanation;
      },
    },
    clock: { stamp: () => 1234, observeClient: (stamp) => record('observeClient', stamp) },
    health: {
      unhealthy: () => undefined,
      readiness: () => ({ ready: true, gates: { synced: { open: true } } }),
      joining: () => undefined,
      draining: false,
      onDrain: () => () => undefined,
    },
    limiter: {
      take(address) {
        record('take', address);
        return allowed;
      },
    },
    config: { describe: () => ({ config: [{ key: 'server.node_id', value: 'node1', source: 'file' }] }) },
    http: { nodeId: 'node1', maxBodyBytes: 1_000_000, allowedOrigins: [], trustProxy: false },
    push: {
      maxSessions: 100,
      maxSubscriptions: 10,
      maxFrameBytes: 100_000,
      queueLimit: 20,
      pingIntervalMs: 15_000,
      idleTimeoutMs: 60_000,
    },
    pushMetrics: {
      source: () => undefined,
      sent: () => undefined,
      received: () => undefined,
      encoded: () => undefined,
      reloaded: () => undefined,
      ended: (reason) => record('ended', reason),
    },
    time: { monotonicMs: () => (nowMs += 250), wallMs: () => 0 },
    scheduler: {
      // Next turn is at once: nothing else waits for its own.
      soon: (task) => (task(), () => undefined),
      after: (_delayMs, task) => planned('after', task),
      every: (_intervalMs, task) => planned('every', task),
    },
    random: { next: () => 0.5, id: (length) => `${(ids += 1)}`.padStart(length, 'r') },
  };
}
