import { toInstanceKey, type Instance } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { describe, expect } from '@jest/globals';
import { eventually, throughout } from './harness/eventually.js';
import { Heartbeats } from './harness/heartbeats.js';
import { LostTime } from './harness/lost-time.js';
import { startCluster, type RunningNode } from './harness/node-process.js';
import { note, useStage } from './harness/stage.js';

const leaseSecs = 2;
const leaseMs = leaseSecs * 1000;
/** 2 s are promised; a machine with two cores may have something else to do. */
const equalWithinMs = 5000;
const service = 'orders';
const cluster = { health_check_interval_ms: 500, probe_timeout_ms: 400 };
const replication = { timeout_secs: 1 };

function instances(count: number, prefix = 'inst'): Instance[] {
  return Array.from({ length: count }, (_, index) =>
    anInstance({ service_id: service, instance_id: `${prefix}-${String(index).padStart(4, '0')}` }),
  );
}

const idsOf = (all: readonly Instance[]): string[] => all.map(({ instance_id: id }) => id).sort();
const keysOf = (all: readonly Instance[]): ReturnType<typeof toInstanceKey>[] => all.map(toInstanceKey);

/** Ids that a node lists, and of these the unconfirmed. */
async function shownBy({ api }: RunningNode): Promise<{ listed: string[]; unconfirmed: number }> {
  const listed = (await api.discover(service)).service?.instances ?? [];
  return {
    listed: listed.map(({ instance_id: id }) => id).sort(),
    unconfirmed: listed.filter(({ unconfirmed }) => unconfirmed === true).length,
  };
}

/** Waits for something, and says how long that took. */
async function measured(what: string, condition: () => Promise<void>, within: number): Promise<void> {
  const start = performance.now();
  const lost = new LostTime();
  await eventually(condition, { within: 10 * within }).finally(() => lost.end());
  const tookMs = performance.now() - start;
  note(`${what} after ${(tookMs / 1000).toFixed(1)} s`);
  expect(tookMs).toBeLessThan(within + lost.end());
}

describe('22: half of a service falls silent at once', () => {
  const stage = useStage();

  stage.test(
    'it is kept as unconfirmed, for all to see, until self-preservation ends by itself',
    async () => {
      const [node1, ...others] = await startCluster(stage, 3, {
        cluster,
        replication,
        lease: { ttl_secs: leaseSecs },
        'lease.self_preservation': { window_secs: 10, max_duration_secs: 12 },
      });
      if (node1 === undefined) throw new Error('there is no node 1');
      const [alive, dying] = [instances(500, 'alive'), instances(500, 'dying')];
      await node1.api.register([...alive, ...dying]);
      const clients = new Heartbeats(stage, node1, keysOf(alive), leaseMs / 4);
      const lost = new Heartbeats(stage, node1, keysOf(dying), leaseMs / 4);
      for (const node of [node1, ...others]) {
        await eventually(async () => expect((await shownBy(node)).listed).toHaveLength(1000));
      }
      lost.stop();
      await eventually(async () => {
        const { self_preservation: state, unconfirmed } = await node1.api.leaseStatus(service);
        expect(state.active.map(({ service_id: id }) => id)).toEqual([service, undefined]);
        expect(unconfirmed).toBeGreaterThanOrEqual(350);
      });
      await throughout(3 * leaseMs, async () => {
        const { listed, unconfirmed } = await shownBy(node1);
        expect(listed).toEqual(expect.arrayContaining(idsOf(alive)));
        expect(unconfirmed).toBeGreaterThanOrEqual(350);
      });
      expect((await node1.api.metrics()).sum('artemis_self_preservation')).toBe(2);
      await eventually(() => expect(node1.log).toContain(`Self-preservation on for ${service}: `));
      await measured(
        'self-preservation was off',
        async () => {
          expect((await node1.api.leaseStatus(service)).self_preservation).toMatchObject({ active: [] });
        },
        30_000,
      );
      for (const node of [node1, ...others]) {
        await eventually(async () => expect((await shownBy(node)).listed).toEqual(idsOf(alive)));
      }
      expect(clients.failure).toBeUndefined();
    },
  );
});

describe('5: a node is stopped for three leases and goes on', () => {
  const stage = useStage();

  stage.test('nothing is lost anywhere, and it is equal to the others again', async () => {
    const nodes = await startCluster(stage, 3, { cluster, replication, lease: { ttl_secs: leaseSecs } });
    const [node1, node2, node3] = nodes;
    if (node1 === undefined || node2 === undefined || node3 === undefined)
      throw new Error('nodes are missing');
    const [first, second] = [instances(50, 'first'), instances(50, 'second')];
    await node1.api.register(first);
    await node2.api.register(second);
    const all = idsOf([...first, ...second]);
    const clients = new Heartbeats(stage, node1, keysOf(first), leaseMs / 4);
    const others = new Heartbeats(stage, node3, keysOf(second), leaseMs / 4);
    const everywhere = async (where: readonly RunningNode[]): Promise<void> => {
      for (const node of where) expect((await shownBy(node)).listed).toEqual(all);
    };
    await eventually(() => everywhere(nodes));
    node2.signal('SIGSTOP');
    await throughout(3 * leaseMs, () => everywhere([node1, node3]));
    node2.signal('SIGCONT');
    await measured(
      'node 2 was equal',
      async () => {
        await everywhere(nodes);
        const digests = await Promise.all(nodes.map(async ({ api }) => (await api.status()).root_digest));
        expect(new Set(digests).size).toBe(1);
      },
      equalWithinMs,
    );
    await throughout(2 * leaseMs, () => everywhere(nodes));
    await eventually(() => expect(node2.log).toContain('This node was held up for'));
    expect([clients.failure, others.failure]).toEqual([undefined, undefined]);
  });
});
