import type { ConfigOverrides } from '@artemis/core/config';
import { aKey, anInstance } from '@artemis/core/testing';
import { expect } from '@jest/globals';
import { listed, threeNodes, urlOf } from '../node.fixture.js';
import { LeaseTable } from './lease-table.fixture.js';

type Preservation = NonNullable<ConfigOverrides['selfPreservation']>;

const retention = { replication: { tombstoneRetentionMs: 3_000_000 } };

/** Seconds until a node that lost the owner of an instance shows it no more, and holds it no more; lease 2 s. */
async function orphaned(
  lease: NonNullable<ConfigOverrides['lease']>,
): Promise<{ hidden: number; gone: number }> {
  const { time, network, nodes } = await threeNodes({ lease: { ttlMs: 2000, ...lease } });
  await time.finish(nodes[0].node.state.registry.register([anInstance()]));
  await time.advance(100);
  network.detach(urlOf('node1'));
  await time.finish(nodes[0].node.stop());
  const other = nodes[1];
  const hiddenMs = await time.runUntil(() => listed(other).length === 0, 200_000);
  const goneMs = await time.runUntil(() => other.node.state.leases.leases({}).total === 0, 200_000);
  return { hidden: Math.round(hiddenMs / 1000), gone: Math.round((hiddenMs + goneMs) / 1000) };
}

/** How many of ten instances are kept of which all but so many fall silent, after so many seconds; lease 3 s. */
async function kept(selfPreservation: Preservation, alive: number, seconds: number): Promise<number> {
  const table = new LeaseTable({ selfPreservation });
  const keys = table.registerMany(10);
  await table.beat(1, keys);
  await table.beat(seconds, keys.slice(0, alive));
  return keys.filter((key) => table.shown(key) !== 'gone').length - alive;
}

async function isServiceKnown(cleanupIntervalMs: number, afterMs: number): Promise<boolean> {
  const { time, nodes } = await threeNodes({ ...retention, lease: { cleanupIntervalMs } });
  await time.finish(nodes[0].node.state.registry.unregister([aKey()]));
  await time.advance(afterMs);
  return nodes[0].node.state.discovery.service({ service_id: 'test-service' }).etag !== undefined;
}

/** What each key of the leases does that its default would not do. */
export const leaseEffects: Readonly<Record<string, () => Promise<void>>> = {
  async 'lease.ttl_secs'() {
    const { time, nodes } = await threeNodes({ lease: { ttlMs: 4000 } });
    await time.finish(nodes[0].node.state.registry.register([anInstance()]));
    await time.advance(5500);
    expect(listed(nodes[0])).toEqual([]);
  },
  async 'lease.cleanup_interval_secs'() {
    expect([await isServiceKnown(600_000, 3_100_000), await isServiceKnown(60_000, 3_100_000)]).toEqual([
      true,
      false,
    ]);
  },
  async 'lease.orphan_grace_secs'() {
    const { hidden } = await orphaned({ orphanGraceMs: 10_000, orphanRetentionMs: 100_000 });
    expect(hidden).toBeGreaterThanOrEqual(11);
    expect(hidden).toBeLessThanOrEqual(13);
  },
  async 'lease.orphan_retention_secs'() {
    const { gone } = await orphaned({ orphanGraceMs: 10_000, orphanRetentionMs: 20_000 });
    expect(gone).toBeGreaterThanOrEqual(21);
    expect(gone).toBeLessThanOrEqual(24);
  },
  async 'lease.self_preservation.enabled'() {
    expect([await kept({ enabled: true }, 5, 6), await kept({ enabled: false }, 5, 6)]).toEqual([5, 0]);
  },
  async 'lease.self_preservation.threshold'() {
    expect([await kept({ threshold: 0.3 }, 5, 6), await kept({ threshold: 0.6 }, 5, 6)]).toEqual([0, 5]);
  },
  async 'lease.self_preservation.window_secs'() {
    const keptOf = async (windowMs: number): Promise<number> => {
      const table = new LeaseTable({ selfPreservation: { windowMs } });
      const keys = table.registerMany(10);
      await table.beat(1, keys);
      // One more falls silent every five seconds.
      for (let dead = 1; dead <= 4; dead += 1) await table.beat(5, keys.slice(dead));
      return keys.filter((key) => table.shown(key) !== 'gone').length;
    };
    expect([await keptOf(60_000), await keptOf(3000)]).toEqual([9, 6]);
  },
  async 'lease.self_preservation.min_instances'() {
    expect([await kept({ minInstances: 10 }, 5, 6), await kept({ minInstances: 11 }, 5, 6)]).toEqual([5, 0]);
  },
  async 'lease.self_preservation.max_duration_secs'() {
    expect([
      await kept({ maxDurationMs: 10_000 }, 5, 10),
      await kept({ maxDurationMs: 10_000 }, 5, 16),
    ]).toEqual([5, 0]);
  },
};
