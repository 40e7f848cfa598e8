import type { ConfigOverrides } from '@artemis/core/config';

/** What differs from the defaults in a cluster for tests: nothing outlives it, and nobody waits for long. */
const fast: ConfigOverrides = {
  server: { drainTimeoutMs: 1000 },
  cluster: { enabled: true, healthCheckIntervalMs: 500, probeTimeoutMs: 500 },
  replication: { batchIntervalMs: 5, settleMs: 10, antiEntropyIntervalMs: 200, bootstrapTimeoutMs: 10_000 },
  // Tests send much from one address, and mean it when they let many leases end at once.
  ratelimit: { enabled: false },
  selfPreservation: { enabled: false },
  storage: { engine: 'memory' },
};

/** The configuration of a node: what the test says counts more than what is fast, but it cannot move a node. */
export function testConfig(
  wanted: ConfigOverrides,
  place: { readonly nodeId: string; readonly address: string; readonly peers: readonly string[] },
): ConfigOverrides {
  const sections = Object.keys({ ...fast, ...wanted }) as (keyof ConfigOverrides)[];
  const merged = Object.fromEntries(sections.map((name) => [name, { ...fast[name], ...wanted[name] }]));
  const { nodeId, address, peers } = place;
  return {
    ...merged,
    server: { ...fast.server, ...wanted.server, nodeId, listenAddr: address, advertiseAddr: address },
    cluster: { ...fast.cluster, ...wanted.cluster, peers },
  };
}
