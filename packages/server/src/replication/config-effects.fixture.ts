import { encodeRecord, stampAt } from '@artemis/core';
import { anAliveRecord, SeededRandom, SimNetwork, VirtualTime } from '@artemis/core/testing';
import { expect } from '@jest/globals';
import type { SimCluster } from '../node.fixture.js';
import { build, listed, threeNodes, urlOf } from '../node.fixture.js';

/** Gives node 1 a record that no outbox will bring to the others. */
async function smuggle({ time, nodes }: SimCluster): Promise<void> {
  const version = { stamp: stampAt(time.startWallMs + time.nowMs), origin: 'node9#r', owner: 'node9' };
  const wire = encodeRecord({ record: anAliveRecord({ version, leaseTtlMs: 300_000 }), ageMs: 0 });
  await time.finish(nodes[0].node.state.peers.register([wire], { 'x-artemis-node': 'node9' }));
}

/** What the keys of exchange and joining do that their defaults would not do. */
export const repairEffects: Readonly<Record<string, () => Promise<void>>> = {
  async 'replication.settle_ms'() {
    const healMs = async (settleMs: number): Promise<number> => {
      const cluster = await threeNodes({ replication: { settleMs } });
      await smuggle(cluster);
      return cluster.time.runUntil(() => listed(cluster.nodes[1]).length === 1, 30_000);
    };
    expect((await healMs(4000)) - (await healMs(500))).toBeGreaterThan(3000);
  },
  async 'replication.anti_entropy_interval_ms'() {
    const healMs = async (antiEntropyIntervalMs: number): Promise<number> => {
      const cluster = await threeNodes({
        replication: { antiEntropyIntervalMs },
        cluster: { healthCheckIntervalMs: 60_000 },
      });
      await smuggle(cluster);
      return cluster.time.runUntil(() => listed(cluster.nodes[1]).length === 1, 30_000);
    };
    expect(await healMs(1000)).toBeLessThan(4000);
    expect(await healMs(20_000)).toBeGreaterThan(10_000);
  },
  async 'replication.bootstrap_timeout_secs'() {
    const time = new VirtualTime();
    const network = new SimNetwork({ scheduler: time.scheduler, random: new SeededRandom(1) });
    for (const peer of ['node2', 'node3']) network.attach(urlOf(peer), () => new Promise(() => undefined));
    const { node } = build('node1', { time, network }, { replication: { bootstrapTimeoutMs: 7000 } });
    await time.finish(node.start());
    await time.advance(6900);
    expect(node.state.health.readiness().ready).toBe(false);
    await time.advance(200);
    expect(node.state.health.readiness().ready).toBe(true);
  },
};
