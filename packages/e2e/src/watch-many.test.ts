import { anInstance } from '@artemis/core/testing';
import { describe, expect, jest } from '@jest/globals';
import { settledMemory } from './harness/settled-memory.js';
import { Churn } from './harness/churn.js';
import { eventually } from './harness/eventually.js';
import { startNode } from './harness/node-process.js';
import { freePort } from './harness/ports.js';
import { MessageReader } from './harness/push-socket.js';
import { note, useStage } from './harness/stage.js';
import { expectTold } from './harness/watch-log.js';
import { Watcher } from './harness/watcher.js';

/** `npm run soak:watchers` sets these. */
const count = Number(process.env['SOAK_WATCHERS'] ?? 500);
const stalledCount = Number(process.env['SOAK_STALLED'] ?? 20);
const turns = Number(process.env['SOAK_TURNS'] ?? 40);

jest.setTimeout(120_000 + count * 300);
const patience = { within: 60_000 + count * 60 };
const queueLimit = 100;
/** Of metadata: what a socket takes before it is full is soon reached with these. */
const largeText = 'x'.repeat(4_000);
const mebibyte = 1024 * 1024;
/** What a node may hold on to for watchers that take nothing, whatever it is that they do not take. */
const mostGrowth = { held: 80, resident: 300 };

describe('a node with many watchers, of which some take nothing', () => {
  const stage = useStage();

  stage.test(
    'tells the others everything, holds little for the slow, and tells them how it is in the end',
    async () => {
      const push = { queue_limit: queueLimit, ping_interval_secs: 60, idle_timeout_secs: 600 };
      const node = await startNode(stage, {
        name: 'node1',
        port: await freePort(),
        settings: { push, ratelimit: { enabled: false } },
      });
      const urls = [node.api.url];
      const reader = new MessageReader();
      const services = ['orders', 'large'];
      const watchers: Watcher[] = [];
      for (let from = 0; from < count; from += 50) {
        const some = Array.from({ length: Math.min(50, count - from) }, (_, index) =>
          // Some watch everything: what is large, too.
          (from + index) % 100 === 99 ? { all: true } : { services: ['orders'] },
        );
        watchers.push(
          ...(await Promise.all(some.map((what) => Watcher.start(stage, { urls, reader, ...what })))),
        );
      }
      const stalled: Watcher[] = [];
      for (let index = 0; index < stalledCount; index += 1) {
        const what = index % 2 === 0 ? { services } : { all: true };
        stalled.push(await Watcher.start(stage, { urls, reader, ...what }));
      }
      const before = await settledMemory(node);
      for (const { socket } of stalled) socket.pause();

      const churn = new Churn(stage, node, { services: ['orders'], everyMs: 50 });
      const fill = async (round: number): Promise<void> => {
        const batch = Array.from({ length: 20 }, (_, index) =>
          anInstance({
            service_id: 'large',
            instance_id: `large-${index}`,
            metadata: { text: largeText, round: String(round) },
          }),
        );
        await node.api.register(batch);
      };
      // As much as no socket takes, then as much again: what is held must not grow with it.
      let rounds = 0;
      await eventually(
        async () => {
          for (let more = 0; more < 10; more += 1) await fill((rounds += 1));
          const metrics = await node.api.metrics();
          expect(metrics.sum('artemis_push_slow_sessions')).toBe(stalledCount);
        },
        { ...patience, every: 1 },
      );
      const start = churn.turns;
      for (let more = 0; more < turns * 2; more += 1) await fill((rounds += 1));
      await eventually(() => churn.turns >= start + turns, patience);
      await churn.stop();
      const during = await settledMemory(node);
      const sentTo = Math.round((rounds * 20 * largeText.length) / mebibyte);
      note(`${count} watchers, ${stalledCount} of them stalled, each of which was to get ${sentTo} MiB`);
      const [first, then] = [before, during].map(({ heap, external }) => heap + external);
      note(`holds ${first} MiB before, ${then} MiB during; resident ${before.resident}, ${during.resident}`);
      expect((then ?? 0) - (first ?? 0)).toBeLessThan(mostGrowth.held);
      expect(during.resident - before.resident).toBeLessThan(mostGrowth.resident);
      const waiting = (await node.api.metrics()).sum('artemis_push_waiting_changes');
      expect(waiting).toBeLessThanOrEqual(stalledCount * 2 * (queueLimit + 1));

      // Nobody else has noticed.
      await expectTold(watchers, { node, services: ['orders'], atLeast: turns });
      for (const { record } of watchers) expect(record.reloads).toBe(0);

      for (const { socket } of stalled) socket.resume();
      await eventually(async () => {
        expect((await node.api.metrics()).sum('artemis_push_slow_sessions')).toBe(0);
      }, patience);
      await expectTold(stalled, { node, services, atLeast: 0 });
      for (const { record } of stalled) expect(record.reloads).toBeGreaterThan(0);
    },
  );

  stage.test('cuts off who takes nothing and says nothing', async () => {
    const push = { ping_interval_secs: 1, idle_timeout_secs: 3 };
    const node = await startNode(stage, { name: 'node2', port: await freePort(), settings: { push } });
    const urls = [node.api.url];
    const alive = await Watcher.start(stage, { urls, services: ['orders'] });
    const stalled = await Watcher.start(stage, { urls, services: ['orders'] });
    stalled.socket.pause();
    await eventually(async () => {
      const metrics = await node.api.metrics();
      expect(metrics.sum('artemis_push_sessions')).toBe(1);
      expect(metrics.sum('artemis_push_sessions_ended_total', { reason: 'idle' })).toBe(1);
    }, patience);
    await node.api.register([anInstance({ service_id: 'orders' })]);
    await expectTold([alive], { node, services: ['orders'], atLeast: 1 });
    expect(alive.endings).toEqual([]);
  });
});
