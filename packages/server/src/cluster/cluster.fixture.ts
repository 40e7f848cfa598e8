import type { NodeStatus, PeerResponse, RequestHeaders } from '@artemis/core';
import { HybridClock } from '@artemis/core';
import type { ConfigOverrides } from '@artemis/core/config';
import { defaultConfig } from '@artemis/core/config';
import type { SimRuntime } from '@artemis/core/testing';
import { simRuntime } from '@artemis/core/testing';
import { Identity } from '../identity.js';
import { admissionBy } from '../replication/admission.js';
import { PeerCaller } from './caller.js';
import { ClusterManager } from './manager.js';

export interface Watched {
  readonly runtime: SimRuntime;
  readonly identity: Identity;
  readonly cluster: ClusterManager;
  /** What the listener was told, oldest first. */
  readonly told: string[];
  readonly clockRefusals: () => number;
  start(): void;
  /** Where the peer at an address answers probes from here on. */
  answer(address: string, node: Partial<NodeStatus>): void;
  answerWith(address: string, answer: (path: string) => Partial<PeerResponse>): void;
  gone(address: string): void;
  addresses(): string[];
}

/** A cluster manager of `node1`, on a network whose other nodes the test plays. */
export function watch(peers: readonly string[], overrides: ConfigOverrides = {}): Watched {
  const runtime = simRuntime();
  const { network } = runtime;
  const told: string[] = [];
  let refusals = 0;
  const config = defaultConfig({
    ...overrides,
    server: { nodeId: 'node1', listenAddr: 'node1:8080', ...overrides.server },
    cluster: { enabled: true, peers, ...overrides.cluster },
  });
  const identity = new Identity('node1', 'run1');
  const caller = new PeerCaller({
    identity,
    advertiseAddr: 'node1:8080',
    secret: config.cluster.secret,
    clock: new HybridClock(() => runtime.clock.wallMs(), 60_000),
    transport: runtime.transport,
    clockRefused: () => (refusals += 1),
  });
  const admission = admissionBy(config.cluster.secret);
  const wall = runtime.clock;
  const cluster = new ClusterManager({
    ...runtime,
    config,
    identity,
    wall,
    caller,
    admission,
    probed: () => undefined,
  });
  const answerWith: Watched['answerWith'] = (address, answer) =>
    network.attach(`http://${address}`, async ({ path }) => ({
      status: 200,
      headers: {},
      body: undefined,
      ...answer(path),
    }));
  return {
    runtime,
    identity,
    cluster,
    told,
    clockRefusals: () => refusals,
    start: () =>
      cluster.start({
        added: ({ address }) => told.push(`added ${address}`),
        removed: ({ address }) => told.push(`removed ${address}`),
        alive: ({ address }, { recovered, newRun }) =>
          told.push(`alive ${address}${recovered ? ' recovered' : ''}${newRun ? ' new-run' : ''}`),
      }),
    answer: (address, node) => answerWith(address, () => ({ body: aNode({ address, ...node }, runtime) })),
    answerWith,
    gone: (address) => network.detach(`http://${address}`),
    addresses: () => cluster.peers.map(({ address }) => address),
  };
}

export function aNode(changes: Partial<NodeStatus>, runtime: SimRuntime): NodeStatus {
  return {
    node_id: 'node2',
    run_id: 'runA',
    status: 'up',
    region: 'local',
    zone: 'zone1',
    address: 'node2:8080',
    wall_time_ms: runtime.clock.wallMs(),
    version: '0.1.0',
    revision: 0,
    live_records: 0,
    uptime_ms: 0,
    ...changes,
  };
}

/** Of a request that a node sends. */
export function sentBy(node: string, run: string, more: RequestHeaders = {}): RequestHeaders {
  return {
    'x-artemis-replication': 'true',
    'x-artemis-node': node,
    'x-artemis-run': run,
    'x-artemis-address': `${node}:8080`,
    ...more,
  };
}
