import { keyOf, type Instance } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { itemsOf } from './fuzz/judge.js';
import { aboutInstance } from './fuzz/oracle.js';
import { runPushCampaign, type PushFinding } from './fuzz/push/push-campaign.js';
import type { PushWire } from './fuzz/push/push-wire.js';
import { showTalk, type PushWorld, type Talk } from './fuzz/push/talk.js';
import { Watch } from './fuzz/watch.js';
import { eventually } from './harness/eventually.js';
import { startNode, untilConnected, type NodeProcess } from './harness/node-process.js';
import { freePorts, host } from './harness/ports.js';
import { settledMemory, type SettledMemory } from './harness/settled-memory.js';
import { note, useStage } from './harness/stage.js';
import { logOf, untilEqual } from './harness/watch-log.js';
import { differencesFrom } from './harness/watch-checker.js';
import { Watcher } from './harness/watcher.js';

/** `npm run fuzz -- --push` sets these. */
const seed = Number(process.env['FUZZ_SEED'] ?? 1);
const talks = Number(process.env['FUZZ_TALKS'] ?? 500);
const only = process.env['FUZZ_ONLY'] === undefined ? undefined : Number(process.env['FUZZ_ONLY']);
const patienceMs = 120_000 + talks * 200;
/** Changes that a node's log holds. */
const logLength = 10_000;
/** MiB. A log that fills is no leak. */
const mostGrowth = { held: 60, resident: 250 };

describe('a node among hostile watchers', () => {
  const stage = useStage();
  const healthy = Array.from({ length: 10 }, (_, index) =>
    anInstance({ service_id: 'healthy', instance_id: `healthy-${index}` }),
  );
  const mayExist = new Set(healthy.map(keyOf));
  const left: PushWire[] = [];
  const findings: PushFinding[] = [];
  const memory: SettledMemory[] = [];
  let node1: NodeProcess;
  let node2: NodeProcess;
  let watch: Watch;
  let watchers: Watcher[];

  beforeAll(async () => {
    const ports = await freePorts(2);
    const settings = { ratelimit: { enabled: false } };
    const start = (index: number): Promise<NodeProcess> =>
      startNode(stage, {
        name: `node${index + 1}`,
        port: ports[index] ?? 0,
        peers: [`${host}:${ports[1 - index] ?? 0}`],
        settings,
      });
    [node1, node2] = await Promise.all([start(0), start(1)]);
    await untilConnected([node1, node2]);
    await node1.api.register(healthy);
    await untilEqual([node1, node2]);
    watch = new Watch({ nodes: [node1, node2], keys: healthy });
    watchers = [
      await Watcher.start(stage, { urls: [node1.api.url], all: true }),
      await Watcher.start(stage, { urls: [node1.api.url], services: ['healthy', 'fuzz-service-1'] }),
      await Watcher.start(stage, { urls: [node2.api.url], all: true }),
    ];
    const { log_id: logId } = await node1.api.discover('healthy');
    const world: PushWorld = { address: node1.address, healthyService: 'healthy', logId };
    const target = { host, port: node1.port };
    const have = async (from: number, to: number): Promise<void> => {
      findings.push(...(await runPushCampaign({ seed, from, to, target, world, starting: remember }, left)));
    };
    if (only !== undefined) {
      await have(only, only + 1);
      return;
    }
    const warm = Math.floor(talks / 3);
    await have(0, warm);
    memory.push(await memoryAtRest());
    await have(warm, talks);
    memory.push(await memoryAtRest());
  }, patienceMs);

  afterAll(async () => {
    hangUp();
    await watch.stop();
  });

  /** What is right may be in the table afterwards. */
  function remember({ steps }: Talk): void {
    for (const text of steps.flatMap(({ texts = [] }) => texts)) {
      for (const item of itemsOf(text)) {
        if (typeof item !== 'object' || item === null || Array.isArray(item)) continue;
        if (aboutInstance(item as Readonly<Record<string, unknown>>) !== 'wrong')
          mayExist.add(keyOf(item as Instance));
      }
    }
  }

  function hangUp(): void {
    for (const { socket } of left.splice(0)) socket.destroy();
  }

  /** With the connections gone that were left open. */
  async function memoryAtRest(): Promise<SettledMemory> {
    note(`${left.length} connections were left open`);
    hangUp();
    await eventually(async () => expect((await node1.api.metrics()).sum('artemis_push_sessions')).toBe(2), {
      within: 60_000,
    });
    return settledMemory(node1);
  }

  stage.test('25: answers each of them as documented', async () => {
    note(`seed ${seed}: ${talks} talks`);
    expect(describeFindings(findings)).toEqual([]);
  });

  stage.test('25: serves everybody else meanwhile', async () => {
    expect(watch.faults).toEqual([]);
    expect(watch.heartbeats).toBeGreaterThan(0);
  });

  stage.test('25: needs no more memory in the end than when it was warm', async () => {
    const [warm, end] = memory.map(({ heap, external, resident }) => ({ held: heap + external, resident }));
    // A single talk warms nothing.
    if (warm === undefined || end === undefined) return;
    note(
      `holds ${warm.held} MiB when warm, ${end.held} MiB in the end; resident ${warm.resident}, ${end.resident}`,
    );
    expect(end.held - warm.held).toBeLessThan(mostGrowth.held);
    expect(end.resident - warm.resident).toBeLessThan(mostGrowth.resident);
  });

  stage.test('25: holds nothing that nobody registered, on both nodes', async () => {
    await untilEqual([node1, node2]);
    for (const { api } of [node1, node2]) {
      const table = await api.table();
      expect([...table.keys()].filter((key) => !mayExist.has(key))).toEqual([]);
      expect(healthy.filter((instance) => !table.has(keyOf(instance)))).toEqual([]);
    }
  });

  stage.test('25: tells other watchers each change, once and in order', async () => {
    for (const [node, mine] of [
      [node1, watchers.slice(0, 2)],
      [node2, watchers.slice(2)],
    ] as const) {
      const { revision } = await node.api.discover('healthy');
      const log = await logOf(node.api, Math.max(0, revision - logLength + 1));
      expect(log.changes.length).toBeGreaterThan(only === undefined ? 50 : 0);
      for (const watcher of mine) {
        await eventually(() => expect(differencesFrom(log, watcher.record)).toEqual([]), { within: 30_000 });
        expect(watcher.record.reloads).toBe(0);
      }
      const shown = await node.api.shown('fuzz-service-1');
      for (const watcher of mine) expect(watcher.differencesFrom('fuzz-service-1', shown)).toEqual([]);
    }
  });

  stage.test('25: says nothing of a fault of its own in its log', async () => {
    for (const { log } of [node1, node2])
      expect(log).not.toMatch(/internal-error|failed|[Uu]nhandled|uncaught|\n\s+at .+:\d+:\d+/);
    expect([node1.ended, node2.ended]).toEqual([false, false]);
  });
});

function describeFindings(findings: readonly PushFinding[]): string[] {
  const [first] = findings;
  if (first !== undefined) {
    const again = `npm run fuzz -- --push --seed ${seed} --only ${first.index}`;
    process.stderr.write(`\nFirst finding; again with: ${again}\n${first.fault}\n${showTalk(first.talk)}\n`);
  }
  return findings.map(({ index, talk, fault }) => `${index} ${talk.label}: ${fault}`);
}
