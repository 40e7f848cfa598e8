import { toInstanceKey, type ExplainResponse, type Instance } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { describe, expect } from '@jest/globals';
import { eventually, throughout } from './harness/eventually.js';
import { Heartbeats } from './harness/heartbeats.js';
import { LostTime } from './harness/lost-time.js';
import { startCluster, type RunningNode } from './harness/node-process.js';
import { note, useStage } from './harness/stage.js';

const leaseMs = 2000;
const graceMs = 5000;
const retentionMs = 12_000;
const service = 'orders';
const all = Array.from({ length: 20 }, (_, index): Instance =>
  anInstance({ service_id: service, instance_id: `inst-${index}` }),
);
/** Nothing comes earlier than its time, but for rounding and the turn of a clock. */
const roundingMs = 20;
/** What comes in its time may be seen so much later on a machine that has something else to do. */
const busyMs = 3000;
/** From the last renewal until each begins, and how long it may take to begin. */
const phases = {
  unconfirmed: { afterMs: leaseMs, withinMs: 1500 },
  hidden: { afterMs: leaseMs + graceMs, withinMs: 500 },
  gone: { afterMs: leaseMs + retentionMs, withinMs: 500 },
} as const;

/** What a node says at some time between two moments. */
interface Sample extends Readonly<Record<keyof typeof phases, number>> {
  readonly askedMs: number;
  readonly answeredMs: number;
  readonly listed: number;
}

async function sampleOf({ api }: RunningNode): Promise<Sample> {
  const askedMs = performance.now();
  const listed = (await api.discover(service)).service?.instances ?? [];
  const { hidden, total } = await api.leaseStatus(service);
  return {
    askedMs,
    answeredMs: performance.now(),
    listed: listed.length,
    unconfirmed: listed.filter((instance) => instance.unconfirmed === true).length,
    hidden,
    gone: all.length - total,
  };
}

/** Between which moments the latest renewal of each instance was, as far as a node knows. */
async function renewedAt({ api }: RunningNode): Promise<{ firstMs: number; lastMs: number }> {
  const askedMs = performance.now();
  const ages = (await api.leases(service)).map(({ age_ms: age }) => age);
  expect(ages).toHaveLength(all.length);
  return { firstMs: askedMs - Math.max(...ages), lastMs: performance.now() - Math.min(...ages) };
}

interface Course {
  readonly samples: readonly Sample[];
  /** While it was hidden. */
  readonly explained: ExplainResponse | undefined;
}

async function watchUntilGone(node: RunningNode): Promise<Course> {
  const samples: Sample[] = [];
  let explained: ExplainResponse | undefined;
  await eventually(
    async () => {
      const sample = await sampleOf(node);
      samples.push(sample);
      if (sample.hidden === all.length)
        explained ??= await node.api.explain(toInstanceKey(all[0] as Instance));
      return sample.gone === all.length;
    },
    { within: 60_000 },
  );
  return { samples, explained };
}

/** When it was first seen of one instance, and of all; nothing is said of what passed between two samples. */
function seen(samples: readonly Sample[], phase: keyof typeof phases): { oneMs: number; allMs: number } {
  const first = (count: number): number =>
    samples.find((sample) => sample[phase] >= count)?.answeredMs ?? Infinity;
  return { oneMs: first(1), allMs: first(all.length) };
}

describe('29: a node and all its clients are killed', () => {
  const stage = useStage();

  stage.test('the others show what it owned as unconfirmed, then hide it, then forget it', async () => {
    const [node1, ...others] = await startCluster(stage, 3, {
      cluster: { health_check_interval_ms: 500, probe_timeout_ms: 400 },
      replication: { timeout_secs: 1 },
      lease: {
        ttl_secs: leaseMs / 1000,
        orphan_grace_secs: graceMs / 1000,
        orphan_retention_secs: retentionMs / 1000,
      },
    });
    if (node1 === undefined) throw new Error('there is no node 1');
    await node1.api.register(all);
    const clients = new Heartbeats(stage, node1, all.map(toInstanceKey), leaseMs / 4);
    for (const node of others)
      await eventually(async () => expect(await node.api.idsOf(service)).toHaveLength(all.length));
    await throughout(leaseMs, async () => {
      for (const node of others)
        expect(await sampleOf(node)).toMatchObject({
          listed: all.length,
          unconfirmed: 0,
          hidden: 0,
          gone: 0,
        });
    });

    clients.stop();
    node1.signal('SIGKILL');
    await node1.exitWithin(10_000);
    const renewals = await Promise.all(others.map(renewedAt));
    // The youngest age that any of them knows counts for all.
    const lastMs = Math.max(...renewals.map((renewal) => renewal.lastMs));
    const lost = new LostTime();
    const courses = await Promise.all(others.map(watchUntilGone));
    const lateMs = busyMs + lost.end();
    for (const [index, { samples, explained }] of courses.entries()) {
      const firstMs = renewals[index]?.firstMs ?? NaN;
      for (const [phase, { afterMs, withinMs }] of Object.entries(phases)) {
        const { oneMs, allMs } = seen(samples, phase as keyof typeof phases);
        const took = (ms: number): string => ((ms - lastMs - afterMs) / 1000).toFixed(2);
        note(`${others[index]?.name}: ${phase} from ${took(oneMs)} to ${took(allMs)} s after it may be`);
        expect(oneMs - firstMs).toBeGreaterThan(afterMs - roundingMs);
        expect(allMs - lastMs).toBeLessThan(afterMs + withinMs + lateMs);
      }
      for (const { askedMs, answeredMs, listed } of samples) {
        if (answeredMs < firstMs + phases.hidden.afterMs - roundingMs) expect(listed).toBe(all.length);
        if (askedMs > seen(samples, 'hidden').allMs) expect(listed).toBe(0);
      }
      expect(explained).toMatchObject({
        listed: false,
        lease: { state: 'hidden' },
        owner: { node_id: 'node1' },
      });
    }
  });
});
