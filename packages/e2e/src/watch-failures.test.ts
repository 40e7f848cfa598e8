import { toInstanceKey } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { describe, expect } from '@jest/globals';
import { Churn } from './harness/churn.js';
import { eventually } from './harness/eventually.js';
import { FakePeer } from './harness/fake-peer.js';
import { Heartbeats } from './harness/heartbeats.js';
import { Link } from './harness/link.js';
import { Mesh } from './harness/mesh.js';
import { NodeProcess, startCluster, startNode, untilConnected } from './harness/node-process.js';
import { freePort } from './harness/ports.js';
import { PushSocket, UpgradeRefused } from './harness/push-socket.js';
import { hang } from './harness/reactions.js';
import { useStage, type Stage } from './harness/stage.js';
import { differencesFrom, lastStates, strangersIn, type LogExtract } from './harness/watch-checker.js';
import { expectTold, untilEqual } from './harness/watch-log.js';
import { Watcher } from './harness/watcher.js';

const services = ['orders', 'Billing'];
const patience = { within: 60_000 };

/** Watchers of one service, of both, and of everything, which find another node when they lose theirs. */
async function watchersOf(stage: Stage, urls: readonly string[]): Promise<Watcher[]> {
  const watchers = [
    await Watcher.start(stage, { urls, services: ['orders'] }),
    await Watcher.start(stage, { urls, services }),
    await Watcher.start(stage, { urls, all: true }),
  ];
  for (const watcher of watchers) watcher.follow();
  return watchers;
}

/** The log as a watcher of everything was told it: all that is left of the log of a run that is over. */
function toldTo({ record }: Watcher, logId: string): LogExtract {
  const changes = record.seen.filter((one) => one.logId === logId).map(({ change }) => change);
  return { logId, from: 0, to: changes.at(-1)?.revision ?? 0, changes };
}

async function untilTurns(churn: Churn, more: number): Promise<void> {
  const start = churn.turns;
  await eventually(() => churn.turns >= start + more, patience);
}

const seesAll = { services };

describe('watchers of a node that is killed', () => {
  const stage = useStage();

  stage.test('have the whole truth again on another node, and on the same one once it is back', async () => {
    const nodes = await startCluster(stage, 3);
    const [node1, node2, node3] = nodes as [NodeProcess, NodeProcess, NodeProcess];
    const undisturbed = await Watcher.start(stage, { urls: [node3.api.url], all: true });
    // All is written at node 1, which lives on: what its watchers are told is compared with its own log in the end.
    const origin = await Watcher.start(stage, { urls: [node1.api.url], all: true });
    const originLog = origin.record.positionOfAll?.logId ?? '';
    const movers = await watchersOf(stage, [node3.api.url, node2.api.url]);
    const stayers = await watchersOf(stage, [node3.api.url]);
    const firstLog = undisturbed.record.positionOfAll?.logId ?? '';
    const before = new Churn(stage, node1, { services });
    await untilTurns(before, 50);
    await before.stop();
    await untilEqual(nodes);
    await eventually(() => {
      expect(lastStates(toldTo(undisturbed, firstLog))).toEqual(lastStates(toldTo(origin, originLog)));
    }, patience);
    const churn = new Churn(stage, node1, { services });
    await untilTurns(churn, 30);
    node3.signal('SIGKILL');
    await node3.exitWithin(20_000);
    await untilTurns(churn, 20);
    const again = new NodeProcess(stage, {
      name: node3.name,
      port: node3.port,
      peers: [node1.address, node2.address],
    });
    await again.ready();
    await eventually(() => {
      for (const { record } of [...movers, ...stayers]) {
        expect(record.isSettled).toBe(true);
        const position = record.positionOfAll ?? record.positionOf('orders');
        expect(position?.logId).not.toBe(firstLog);
      }
    }, patience);
    await untilTurns(churn, 50);
    await churn.stop();
    await untilEqual([node1, node2, again]);

    const old = toldTo(undisturbed, firstLog);
    expect(old.changes.length).toBeGreaterThan(30);
    for (const { record } of [...movers, ...stayers]) expect(differencesFrom(old, record)).toEqual([]);
    // So the log of the killed node is known by a watcher of it alone, and to be true by a node that was not killed.
    expect(strangersIn(old, toldTo(origin, originLog))).toEqual([]);
    const compared = { ...seesAll, atLeast: 20 };
    await expectTold([origin], { ...seesAll, atLeast: 80, node: node1 });
    await expectTold(movers, { ...compared, node: node2 });
    await expectTold(stayers, { ...compared, node: again });
  });
});

describe('watchers of a node that is cut off', () => {
  const stage = useStage();
  const steady = Array.from({ length: 4 }, (_, index) =>
    anInstance({ service_id: 'orders', instance_id: `steady-${index}` }),
  );

  stage.test(
    'see doubt, then nothing of what their node cannot vouch for, and all of it after the cut',
    async () => {
      const mesh = await Mesh.start(stage, 3, {
        cluster: { health_check_interval_ms: 500, probe_timeout_ms: 400 },
        replication: { timeout_secs: 1 },
        lease: { ttl_secs: 2, orphan_grace_secs: 3, orphan_retention_secs: 600 },
      });
      const [node1, node2, node3] = mesh.nodes as [NodeProcess, NodeProcess, NodeProcess];
      await node1.api.register(steady);
      const beats = new Heartbeats(stage, node1, steady.map(toInstanceKey), 500);
      const watchers = await watchersOf(stage, [node3.api.url]);
      const churn = new Churn(stage, node1, { services });
      await untilTurns(churn, 30);
      const links = [...mesh.between(1, 3), ...mesh.between(2, 3)];
      for (const link of links) link.cut();
      const reasonsOf = (watcher: Watcher): Set<string | undefined> =>
        new Set(watcher.record.seen.map(({ change }) => change.reason));
      await eventually(() => {
        for (const watcher of watchers) expect([...reasonsOf(watcher)]).toContain('hidden');
      }, patience);
      for (const watcher of watchers) expect([...reasonsOf(watcher)]).toContain('unconfirmed');
      await untilTurns(churn, 30);
      for (const link of links) link.release();
      await churn.stop();
      await untilEqual([node1, node2, node3]);
      await eventually(async () => {
        for (const service of services) {
          const shown = await node1.api.shown(service);
          for (const watcher of watchers.filter((one) => one.watches(service)))
            expect(watcher.differencesFrom(service, shown)).toEqual([]);
        }
      }, patience);
      expect(beats.failure).toBeUndefined();
      await expectTold(watchers, { ...seesAll, node: node3, atLeast: 30 });
      for (const { record } of watchers) expect(record.snapshots).toBeLessThanOrEqual(2);
    },
  );

  stage.test('go on where they stood when it was only they who were cut off from it', async () => {
    const push = { ping_interval_secs: 1, idle_timeout_secs: 3 };
    const node = await startNode(stage, { name: 'node1', port: await freePort(), settings: { push } });
    const link = await Link.start(stage, node.port);
    const watchers = await watchersOf(stage, [`http://${link.address}`]);
    const undisturbed = await Watcher.start(stage, { urls: [node.api.url], all: true });
    const churn = new Churn(stage, node, { services });
    await untilTurns(churn, 30);
    link.silence();
    // Nobody tells the node: it finds out that nothing is heard of them any more.
    await eventually(async () => {
      expect((await node.api.metrics()).sum('artemis_push_sessions')).toBe(1);
    }, patience);
    await untilTurns(churn, 30);
    link.cut();
    link.release();
    await eventually(() => {
      for (const { record } of watchers) expect(record.resumed).toBeGreaterThan(0);
    }, patience);
    await untilTurns(churn, 30);
    await churn.stop();
    await expectTold([...watchers, undisturbed], { ...seesAll, node, atLeast: 30 });
    for (const { record } of watchers) expect(record.snapshots).toBeLessThanOrEqual(2);
  });
});

describe('watchers of a node that stops', () => {
  const stage = useStage();
  const clean = { code: 0, signal: null };

  stage.test('are told goodbye, and go on with another one', async () => {
    const nodes = await startCluster(stage, 2);
    const [node1, node2] = nodes as [NodeProcess, NodeProcess];
    const watchers = await watchersOf(stage, [node2.api.url, node1.api.url]);
    const churn = new Churn(stage, node1, { services });
    await untilTurns(churn, 30);
    node2.signal('SIGTERM');
    expect(await node2.exitWithin(30_000)).toEqual(clean);
    await eventually(() => {
      for (const { record, goodbyes, endings } of watchers) {
        expect([goodbyes, endings[0]]).toEqual([['draining'], { code: 1001, reason: 'draining' }]);
        expect((record.positionOfAll ?? record.positionOf('orders'))?.logId).toMatch(/^node1#/);
      }
    }, patience);
    await untilTurns(churn, 30);
    await churn.stop();
    await expectTold(watchers, { ...seesAll, node: node1, atLeast: 10 });
  });

  stage.test('are sent elsewhere while it does', async () => {
    const peer = await FakePeer.start(stage, 'node2');
    const node = await startNode(stage, {
      name: 'node1',
      port: await freePort(),
      peers: [peer.address],
      settings: { server: { drain_timeout_secs: 30 } },
    });
    await untilConnected([node]);
    const watcher = await Watcher.start(stage, { urls: [node.api.url], services });
    peer.react = hang;
    await node.api.register([anInstance({ service_id: 'orders' })]);
    await eventually(() => expect(peer.deliveries.length).toBeGreaterThan(0));
    node.signal('SIGTERM');
    await eventually(() => expect(watcher.endings).toEqual([{ code: 1001, reason: 'draining' }]), patience);
    const refused = await PushSocket.open(node.api.url).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UpgradeRefused);
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(watcher.record.viewOf('orders').size).toBe(1);
    expect(watcher.record.faults).toEqual([]);
    node.signal('SIGKILL');
  });
});
