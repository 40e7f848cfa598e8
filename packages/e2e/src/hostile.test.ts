import { keyOf, type Instance } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { runCampaign, type CampaignReport, type Finding } from './fuzz/campaign.js';
import { show, type FuzzRequest } from './fuzz/fuzz-request.js';
import { itemsOf, opinionOf } from './fuzz/judge.js';
import { Api } from './fuzz/schema-values.js';
import { SlowConnections } from './fuzz/slow-connections.js';
import { Watch } from './fuzz/watch.js';
import type { KnownInstance, World } from './fuzz/world.js';
import { eventually } from './harness/eventually.js';
import { startNode, untilConnected, type NodeProcess } from './harness/node-process.js';
import { freePorts, host } from './harness/ports.js';
import { settledMemory, type SettledMemory } from './harness/settled-memory.js';
import { note, useStage } from './harness/stage.js';

/** `npm run fuzz` sets these. */
const seed = Number(process.env['FUZZ_SEED'] ?? 1);
const requests = Number(process.env['FUZZ_REQUESTS'] ?? 10_000);
const only = process.env['FUZZ_ONLY'] === undefined ? undefined : Number(process.env['FUZZ_ONLY']);

const secret = 'the-secret-of-this-test';
const authorized = { Authorization: `Bearer ${secret}` };
/** A thousand requests take a few seconds. */
const patienceMs = 120_000 + requests * 30;
const slowConnections = 60;
const instancesOf = (service: string, count: number): Instance[] =>
  Array.from({ length: count }, (_, index) =>
    anInstance({
      service_id: service,
      instance_id: `${service}-${index}`,
      metadata: { weight: String(index) },
    }),
  );

describe('a node among hostile callers', () => {
  const stage = useStage();
  const healthy = instancesOf('healthy', 20);
  const victims = instancesOf('victim', 8);
  /** Keys that the campaign may have registered in the right way. */
  const mayExist = new Set([...healthy, ...victims].map(keyOf));
  let node1: NodeProcess;
  let node2: NodeProcess;
  let watch: Watch;
  const reports: CampaignReport[] = [];
  const memory: SettledMemory[] = [];
  const slow = new SlowConnections();

  beforeAll(async () => {
    const ports = await freePorts(2);
    const start = (index: number): Promise<NodeProcess> =>
      startNode(stage, {
        name: `node${index + 1}`,
        port: ports[index] ?? 0,
        peers: [`${host}:${ports[1 - index] ?? 0}`],
        settings: { cluster: { secret, health_check_interval_ms: 1_000, probe_timeout_ms: 1_000 } },
      });
    [node1, node2] = await Promise.all([start(0), start(1)]);
    await untilConnected([node1, node2]);
    await node1.api.register([...healthy, ...victims]);
    await eventually(async () =>
      expect(await node2.api.idsOf('healthy')).toEqual(await node1.api.idsOf('healthy')),
    );
    watch = new Watch({ nodes: [node1, node2], keys: healthy });
    await slow.open({ host, port: node1.port }, slowConnections);
    const world = await theWorld();
    const send = (from: number, to: number): Promise<CampaignReport> =>
      runCampaign({ seed, from, to, target: { host, port: node1.port }, world, sending: remember });
    if (only !== undefined) {
      reports.push(await send(only, only + 1));
      return;
    }
    const warmedUp = Math.floor(requests / 3);
    reports.push(await send(0, warmedUp));
    memory.push(await settledMemory(node1));
    reports.push(await send(warmedUp, requests));
    memory.push(await settledMemory(node1));
  }, patienceMs);

  afterAll(async () => {
    await slow.close();
    await watch.stop();
  });

  async function theWorld(): Promise<World> {
    const table = await node1.api.table(authorized);
    const known = (instances: readonly Instance[]): KnownInstance[] =>
      instances.map((instance) => {
        const held = table.get(keyOf(instance));
        if (held === undefined) throw new Error(`${instance.instance_id} is not held`);
        return { key: { ...instance, group_id: instance.group_id ?? '' }, instance, version: held.version };
      });
    const nodes = await Promise.all([node1, node2].map(({ api }) => api.status()));
    return {
      api: new Api(),
      host: node1.address,
      secret,
      nodes: nodes.map(({ node_id: id, run_id: run }) => [id, run] as const),
      addresses: [node1.address, node2.address],
      healthy: known(healthy),
      victims: known(victims),
      nowMs: Date.now(),
    };
  }

  /** What is right may be in the table afterwards, whether or not the answer came back. */
  function remember(request: FuzzRequest): void {
    if (request.json === undefined) return;
    const isRemoval = request.route?.name.toLowerCase().includes('unregister') === true;
    if (isRemoval) return;
    for (const item of itemsOf(request.json)) {
      const opinion = opinionOf(request, item, Date.now());
      if (opinion === 'right' || opinion === 'unsure') mayExist.add(keyOf(item as Instance));
    }
  }

  stage.test('25: answers each request as documented', async () => {
    for (const { sent, statuses, slowest } of reports) {
      const spread = [...statuses].sort().map(([status, count]) => `${status}: ${count}`);
      note(`seed ${seed}: ${sent} requests, ${spread.join(', ')}`);
      for (const { label, ms } of slowest.slice(0, 3)) note(`${ms} ms: ${label}`);
    }
    expect(describeFindings(reports.flatMap(({ findings }) => findings))).toEqual([]);
  });

  stage.test('25: serves everybody else meanwhile', async () => {
    expect(watch.faults).toEqual([]);
    expect(watch.checks).toBeGreaterThan(0);
    expect(watch.heartbeats).toBeGreaterThan(0);
  });

  stage.test('25: needs no more memory in the end than when it was warm', async () => {
    const [warm, end] = memory;
    // A single request warms nothing.
    if (warm === undefined || end === undefined) return;
    note(`resident ${warm.resident} MiB when warm, ${end.resident} MiB in the end`);
    note(`objects of ${warm.heap} MiB when warm, ${end.heap} MiB in the end`);
    expect(end.resident).toBeLessThan(warm.resident + 200);
    expect(end.heap).toBeLessThan(warm.heap + 30);
  });

  stage.test('25: still lists what was listed, on both nodes', async () => {
    for (const node of [node1, node2]) {
      await eventually(async () => {
        const { service } = await node.api.discover('healthy');
        expect(service?.instances.toSorted(byId)).toEqual(healthy.toSorted(byId));
      });
    }
  });

  stage.test('25: holds nothing that nobody registered, on both nodes', async () => {
    for (const node of [node1, node2]) {
      const table = await node.api.table(authorized);
      expect([...table.keys()].filter((key) => !mayExist.has(key))).toEqual([]);
      const latest = (Date.now() + 60_000) * 1024;
      expect([...table.values()].filter(({ version: [stamp] }) => stamp > latest)).toEqual([]);
    }
  });

  stage.test('25: takes a registration of each instance that was attacked, on both nodes', async () => {
    const anew = victims.map((victim) => ({ ...victim, metadata: { anew: 'yes' } }));
    expect(await node1.api.register(anew)).toEqual({ response_status: { error_code: 'success' } });
    for (const node of [node1, node2]) {
      await eventually(async () => {
        const { service } = await node.api.discover('victim');
        expect(service?.instances.toSorted(byId)).toEqual(anew);
      });
    }
  });

  stage.test('25: equals the other node in the end', async () => {
    await eventually(
      async () => {
        const [one, two] = await Promise.all([node1, node2].map(({ api }) => api.table(authorized)));
        expect(two).toEqual(one);
      },
      { within: 30_000 },
    );
  });

  stage.test('25: says nothing of a fault of its own in its log', async () => {
    for (const { log } of [node1, node2]) {
      expect(log).not.toMatch(/internal-error|Request failed|[Uu]nhandled|uncaught|\n\s+at .+:\d+:\d+/);
    }
    expect([node1.ended, node2.ended]).toEqual([false, false]);
  });
});

function byId(a: { readonly instance_id: string }, b: { readonly instance_id: string }): number {
  return a.instance_id < b.instance_id ? -1 : 1;
}

function describeFindings(findings: readonly Finding[]): string[] {
  const [first] = findings;
  if (first !== undefined) {
    const again = `npm run fuzz -- --seed ${seed} --only ${first.index}`;
    process.stderr.write(`\nFirst finding; again with: ${again}\n${first.fault}\n${show(first.request)}\n`);
  }
  return findings.map(({ index, request, fault }) => `${index} ${request.label}: ${fault}`);
}
