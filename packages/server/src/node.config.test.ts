import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { apiRoutes } from '@artemis/core';
import type { ConfigOverrides } from '@artemis/core/config';
import { configKeys, defaultConfig } from '@artemis/core/config';
import { aKey, anInstance, simRuntime } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { leaseEffects } from './lease/config-effects.fixture.js';
import type { SimCluster } from './node.fixture.js';
import { listed, threeNodes, urlOf } from './node.fixture.js';
import { createNode } from './node.js';
import { repairEffects } from './replication/config-effects.fixture.js';
import { silentLogger, systemRuntime } from './runtime.js';
import { storageEffects } from './storage/config-effects.fixture.js';

const replicaRegister = `${apiRoutes.replicaRegister.path}.json`;
const replicaHeartbeat = `${apiRoutes.replicaHeartbeat.path}.json`;
const batch = (size: number) =>
  Array.from({ length: size }, (_, index) => anInstance({ instance_id: `i${index}` }));

function register(
  { time, nodes }: SimCluster,
  instances: readonly unknown[] = [anInstance()],
): Promise<unknown> {
  return time.finish(nodes[0].node.state.registry.register(instances));
}

/** How many requests of a path node 1 sent to node 2. */
function sent({ network }: SimCluster, path: string): number {
  return network.traffic({ from: urlOf('node1'), to: urlOf('node2'), path }).requests;
}

/** Calls a real server through the real transport, and answers what it saw. */
async function overSockets(
  overrides: ConfigOverrides,
  bodies: readonly unknown[],
): Promise<{ encodings: unknown[]; connections: number }> {
  const encodings: unknown[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    encodings.push(request.headers['content-encoding']);
    request.resume().on('end', () => response.end());
  });
  server.on('connection', () => (connections += 1)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { transport } = systemRuntime(defaultConfig(overrides), silentLogger);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const request = { method: 'POST', path: '/', headers: {}, timeoutMs: 5000 } as const;
  await Promise.all(bodies.map((body) => transport.call(url, { ...request, body })));
  transport.close();
  server.close();
  return { encodings, connections };
}

/** What a key does that its default would not do. */
const effects: Readonly<Record<string, () => Promise<void>>> = {
  async 'server.node_id'() {
    const cluster = await threeNodes();
    await register(cluster);
    expect(cluster.nodes[0].node.state.leases.leases({}).services[0]?.leases[0]?.owner).toBe('node1');
  },
  async 'server.advertise_addr'() {
    const { nodes } = await threeNodes({ server: { advertiseAddr: '10.9.8.7:1234' } });
    expect(nodes[0].node.state.cluster.node().address).toBe('10.9.8.7:1234');
  },
  async 'server.region'() {
    const { nodes } = await threeNodes({ server: { region: 'eu', zone: 'eu-a' } });
    const zones = nodes[0].node.state.cluster.upNodes().nodes.map(({ zone }) => zone.region_id);
    expect(zones).toEqual(['eu', 'eu', 'eu']);
  },
  async 'server.zone'() {
    const { nodes } = await threeNodes({ server: { region: 'eu', zone: 'eu-a' } });
    const zones = nodes[0].node.state.cluster.upNodes().nodes.map(({ zone }) => zone.zone_id);
    expect(zones).toEqual(['eu-a', 'eu-a', 'eu-a']);
  },
  async 'server.drain_timeout_secs'() {
    const { time, network, nodes } = await threeNodes({ server: { drainTimeoutMs: 700 } });
    network.cut(urlOf('node1'), urlOf('node2'));
    void nodes[0].node.state.registry.register([anInstance()]);
    await time.settle();
    const before = time.nowMs;
    await time.finish(nodes[0].node.drain());
    expect(time.nowMs - before).toBe(700);
  },
  async 'cluster.enabled'() {
    const cluster = await threeNodes({ cluster: { enabled: false } });
    await register(cluster);
    await cluster.time.advance(5000);
    expect([listed(cluster.nodes[1]), cluster.network.traffic().requests]).toEqual([[], 0]);
  },
  async 'cluster.peers'() {
    const cluster = await threeNodes({ cluster: { peers: ['node3:8080'] } });
    await register(cluster);
    await cluster.time.advance(500);
    expect(cluster.nodes.map((node) => listed(node).length)).toEqual([1, 0, 1]);
  },
  async 'cluster.secret'() {
    const { nodes } = await threeNodes({ cluster: { secret: 's3cret' } });
    const headers = { 'x-artemis-replication': 'true' };
    expect(nodes[0].node.state.peers.admit(headers)).toBe('unauthorized');
    expect(nodes[0].node.state.peers.admit({ ...headers, authorization: 'Bearer s3cret' })).toBe('admitted');
  },
  async 'cluster.health_check_interval_ms'() {
    const cluster = await threeNodes({ cluster: { healthCheckIntervalMs: 1000, probeTimeoutMs: 500 } });
    cluster.network.resetTraffic();
    await cluster.time.advance(10_000);
    expect(sent(cluster, `${apiRoutes.node.path}.json`)).toBe(10);
  },
  async 'cluster.probe_timeout_ms'() {
    const { time, network, nodes } = await threeNodes({
      cluster: { healthCheckIntervalMs: 10_000, probeTimeoutMs: 300 },
    });
    network.attach(urlOf('node2'), () => new Promise(() => undefined));
    await time.runUntil(() => nodes[0].node.state.cluster.status().peers[0]?.status === 'suspect', 10_400);
    expect(nodes[0].node.state.cluster.status().peers[0]?.last_error).toContain('300 ms');
  },
  async 'replication.enabled'() {
    const cluster = await threeNodes({ replication: { enabled: false } });
    await register(cluster);
    await cluster.time.advance(5000);
    expect(cluster.nodes.map((node) => listed(node).length)).toEqual([1, 0, 0]);
  },
  async 'replication.timeout_secs'() {
    const cluster = await threeNodes({ replication: { timeoutMs: 1000 } });
    const { time, network, nodes } = cluster;
    network.attach(urlOf('node2'), () => new Promise(() => undefined));
    await register(cluster);
    await time.advance(1200);
    expect(nodes[0].node.state.cluster.status().peers[0]?.last_error).toContain('1000 ms');
  },
  async 'replication.batch_size'() {
    const cluster = await threeNodes({ replication: { batchSize: 3, batchIntervalMs: 5000 } });
    await register(cluster, batch(3));
    await cluster.time.advance(100);
    cluster.nodes[0].node.state.registry.heartbeat(
      [0, 1, 2].map((index) => aKey({ instance_id: `i${index}` })),
    );
    await cluster.time.advance(100);
    expect(sent(cluster, replicaHeartbeat)).toBe(1);
  },
  async 'replication.batch_interval_ms'() {
    const cluster = await threeNodes({ replication: { batchIntervalMs: 2000 } });
    await register(cluster);
    await cluster.time.advance(100);
    cluster.nodes[0].node.state.registry.heartbeat([aKey()]);
    await cluster.time.advance(1900);
    expect(sent(cluster, replicaHeartbeat)).toBe(0);
    await cluster.time.advance(200);
    expect(sent(cluster, replicaHeartbeat)).toBe(1);
  },
  async 'replication.max_retries'() {
    const cluster = await threeNodes({ replication: { maxRetries: 1 } });
    const { status } = cluster.nodes[1].node.state.cluster.node();
    cluster.network.attach(urlOf('node2'), async () => ({ status: 503, headers: {}, body: status }));
    cluster.network.resetTraffic();
    await register(cluster);
    await cluster.time.advance(4000);
    expect(sent(cluster, replicaRegister)).toBe(2);
  },
  async 'replication.outbox_limit'() {
    const cluster = await threeNodes({ replication: { outboxLimit: 5 } });
    cluster.network.cut(urlOf('node1'), urlOf('node2'));
    await register(cluster, batch(50));
    await cluster.time.advance(1000);
    const peers = cluster.nodes[0].node.state.cluster.status().peers;
    expect(peers.every(({ outbox_depth: depth }) => depth <= 5)).toBe(true);
    expect(peers[0]?.repair_pending).toBe(true);
  },
  async 'replication.compress_min_bytes'() {
    const bodies = [{ text: 'x'.repeat(10) }, { text: 'x'.repeat(500) }];
    const { encodings } = await overSockets({ replication: { compressMinBytes: 100 } }, bodies);
    expect(encodings.sort()).toEqual(['gzip', undefined]);
  },
  async 'replication.max_connections_per_peer'() {
    const { connections } = await overSockets({ replication: { maxConnectionsPerPeer: 2 } }, batch(20));
    expect(connections).toBe(2);
  },
  async 'replication.tombstone_retention_secs'() {
    const overrides = {
      replication: { tombstoneRetentionMs: 3_000_000 },
      lease: { cleanupIntervalMs: 1000 },
    };
    const { time, nodes } = await threeNodes(overrides);
    await time.finish(nodes[0].node.state.registry.unregister([aKey()]));
    const known = () =>
      nodes[0].node.state.discovery.service({ service_id: 'test-service' }).etag !== undefined;
    await time.advance(2_999_000);
    expect(known()).toBe(true);
    await time.advance(3000);
    expect(known()).toBe(false);
  },
  async 'replication.max_clock_drift_ms'() {
    const { time, nodes } = await threeNodes({ replication: { maxClockDriftMs: 1000 } });
    const clock = String((time.startWallMs + time.nowMs + 5000) * 1024);
    nodes[0].node.state.peers.contact({ 'x-artemis-node': 'node2', 'x-artemis-clock': clock });
    const { text } = await nodes[0].node.state.metrics.render();
    expect(text).toContain('artemis_clock_refusals_total{source="peer"} 1');
  },
  ...leaseEffects,
  ...repairEffects,
  ...storageEffects,
  async 'cache.enabled'() {
    const ask = ({ nodes }: SimCluster) =>
      nodes[0].node.state.discovery.service({ service_id: 'test-service' });
    const [cached, uncached] = [await threeNodes(), await threeNodes({ cache: { enabled: false } })];
    await register(cached);
    await register(uncached);
    expect([ask(cached) === ask(cached), ask(uncached) === ask(uncached)]).toEqual([true, false]);
  },
  async 'cache.expiry_secs'() {
    const cluster = await threeNodes({ cache: { expiryMs: 5000 }, lease: { ttlMs: 600_000 } });
    await register(cluster);
    const ask = () => cluster.nodes[0].node.state.discovery.service({ service_id: 'test-service' });
    const prepared = ask();
    await cluster.time.advance(4000);
    expect(ask()).toBe(prepared);
    await cluster.time.advance(11_000);
    expect(ask()).not.toBe(prepared);
  },
  async 'ratelimit.enabled'() {
    const { nodes } = await threeNodes({ ratelimit: { enabled: false, requestsPerSecond: 1, burstSize: 1 } });
    const { limiter } = nodes[0].node.state;
    expect([1, 2, 3].map(() => limiter.take('10.0.0.1').allowed)).toEqual([true, true, true]);
  },
  async 'ratelimit.requests_per_second'() {
    const { time, nodes } = await threeNodes({ ratelimit: { requestsPerSecond: 2, burstSize: 1 } });
    const { limiter } = nodes[0].node.state;
    limiter.take('10.0.0.1');
    expect(limiter.take('10.0.0.1')).toEqual({ allowed: false, retryAfterMs: 500 });
    await time.advance(500);
    expect(limiter.take('10.0.0.1').allowed).toBe(true);
  },
  async 'ratelimit.burst_size'() {
    const { nodes } = await threeNodes({ ratelimit: { requestsPerSecond: 1, burstSize: 3 } });
    const { limiter } = nodes[0].node.state;
    expect([1, 2, 3, 4].map(() => limiter.take('10.0.0.1').allowed)).toEqual([true, true, true, false]);
  },
  async 'health.max_loop_lag_ms'() {
    const runtime = simRuntime();
    let stalledMs = 0;
    const clock = {
      monotonicMs: () => runtime.clock.monotonicMs() + stalledMs,
      wallMs: () => runtime.clock.wallMs(),
    };
    const node = createNode(defaultConfig({ health: { maxLoopLagMs: 100 } }), { ...runtime, clock });
    await node.start();
    await runtime.time.advance(1000);
    expect(node.state.health.unhealthy()).toBeUndefined();
    stalledMs = 150;
    await runtime.time.advance(1000);
    expect(node.state.health.unhealthy()).toBe('the process stalled for 150 ms');
    await node.stop();
  },
};

/** Keys whose effect lies in other packages, where their tests are. */
const elsewhere: Readonly<Record<string, string>> = {
  'server.listen_addr': 'packages/cli/src/boot.test.ts',
  'server.max_body_bytes': 'packages/web/src/body.test.ts',
  'server.allowed_origins': 'packages/web/src/cors.test.ts',
  'server.trust_proxy': 'packages/web/src/app.test.ts',
  'push.max_sessions': 'packages/web/src/push/attach-push.test.ts',
  'push.max_subscriptions': 'packages/web/src/push/session.test.ts',
  'push.max_frame_bytes': 'packages/web/src/push/attach-push.test.ts',
  'push.queue_limit': 'packages/web/src/push/slow-session.test.ts',
  'push.ping_interval_secs': 'packages/web/src/push/session.test.ts',
  'push.idle_timeout_secs': 'packages/web/src/push/session.test.ts',
  'logging.level': 'packages/cli/src/logger.test.ts',
  'logging.format': 'packages/cli/src/log-format.test.ts',
};

describe('every key of the configuration has an effect', () => {
  it.each(Object.entries(effects))('%s', (_key, shows) => shows());

  it('here or in another package', () => {
    const shown = [...Object.keys(effects), ...Object.keys(elsewhere)];
    expect(shown.sort()).toEqual(configKeys.map(({ path }) => path).sort());
  });

  it('and reaches the HTTP layer where it belongs there', async () => {
    const server = { maxBodyBytes: 2048, allowedOrigins: ['https://a.example'], trustProxy: true };
    const push = {
      maxSessions: 2,
      maxSubscriptions: 3,
      maxFrameBytes: 4096,
      queueLimit: 5,
      pingIntervalMs: 6000,
      idleTimeoutMs: 70_000,
    };
    const { nodes } = await threeNodes({ server, push });
    expect(nodes[0].node.state.http).toEqual({ nodeId: 'node1', ...server });
    expect(nodes[0].node.state.push).toEqual(push);
  });
});
