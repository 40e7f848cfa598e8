import { HybridClock } from '@artemis/core';
import type { NodeStatus, PeerResponse } from '@artemis/core';
import { defaultConfig } from '@artemis/core/config';
import type { SimRuntime } from '@artemis/core/testing';
import { simRuntime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { identityOf } from '../identity.js';
import { PeerCaller } from './caller.js';
import { ClusterManager } from './manager.js';

const url = 'http://node2:8080';
let runtime: SimRuntime;
let cluster: ClusterManager;
let news: { recovered: boolean; newRun: boolean }[];
let removed: string[];
let clockRefusals: number;

beforeEach(() => {
  runtime = simRuntime();
  news = [];
  removed = [];
  clockRefusals = 0;
  const config = defaultConfig({ cluster: { enabled: true, peers: ['node2:8080'] } });
  const identity = identityOf('node1', 'run1');
  const caller = new PeerCaller({
    identity,
    advertiseAddr: 'node1:8080',
    secret: 's3cret',
    clock: new HybridClock(() => runtime.clock.wallMs(), 60_000),
    transport: runtime.transport,
    clockRefused: () => (clockRefusals += 1),
  });
  cluster = new ClusterManager({ config, identity, ...runtime, caller });
});

function start(): void {
  cluster.start({
    alive: (_peer, what) => news.push(what),
    removed: (peer) => removed.push(peer.address),
  });
}

function node(changes: Partial<NodeStatus> = {}): NodeStatus {
  return {
    node_id: 'node2',
    run_id: 'runA',
    status: 'up',
    region: 'local',
    zone: 'zone1',
    address: 'node2:8080',
    wall_time_ms: runtime.clock.wallMs(),
    version: '0.1.0',
    revision: 0,
    live_records: 0,
    uptime_ms: 0,
    ...changes,
  };
}

function answers(answer: (path: string) => Partial<PeerResponse>): void {
  runtime.network.attach(url, async ({ path }) => ({
    status: 200,
    headers: {},
    body: undefined,
    ...answer(path),
  }));
}

const state = () => cluster.peers[0]?.state;
const fromNode2 = { 'x-artemis-node': 'node2', 'x-artemis-run': 'runA', 'x-artemis-address': 'node2:8080' };

describe('ClusterManager', () => {
  it('finds a peer alive, with who it is, and tells of its run once', async () => {
    answers(() => ({ body: node() }));
    start();
    await runtime.time.advance(11_000);
    expect(cluster.peers[0]).toMatchObject({
      state: 'alive',
      identity: { node_id: 'node2' },
      lastError: undefined,
    });
    expect(news).toEqual([
      { recovered: true, newRun: true },
      { recovered: false, newRun: false },
      { recovered: false, newRun: false },
    ]);
    expect([cluster.canDeliverTo('node2'), cluster.canDeliverTo('node3')]).toEqual([true, false]);
  });

  it('says who it is in every call', async () => {
    let headers: Readonly<Record<string, string>> = {};
    runtime.network.attach(url, async (request) => {
      headers = request.headers;
      return { status: 200, headers: {}, body: node() };
    });
    start();
    await runtime.time.advance(100);
    expect(headers).toMatchObject({
      'x-artemis-replication': 'true',
      'x-artemis-node': 'node1',
      'x-artemis-run': 'run1',
      'x-artemis-address': 'node1:8080',
      'x-artemis-clock': expect.stringMatching(/^\d{16}$/),
      authorization: 'Bearer s3cret',
    });
  });

  it('goes from suspect to dead in silence, and comes back', async () => {
    answers(() => ({ body: node() }));
    start();
    await runtime.time.advance(100);
    runtime.network.detach(url);
    cluster.callFailed(cluster.peers[0]!, 'refused');
    expect([state(), cluster.canDeliverTo('node2')]).toEqual(['suspect', false]);
    await runtime.time.runUntil(() => state() === 'dead', 16_000);
    expect(cluster.peers[0]?.lastError).toContain('refused');
    answers(() => ({ body: node() }));
    await runtime.time.runUntil(() => state() === 'alive', 5100);
    expect(news.at(-1)).toEqual({ recovered: true, newRun: false });
  });

  it('probes at once after a failed call', async () => {
    answers(() => ({ body: node() }));
    start();
    await runtime.time.advance(100);
    cluster.callFailed(cluster.peers[0]!, 'timeout');
    expect(state()).toBe('suspect');
    await runtime.time.advance(10);
    expect(state()).toBe('alive');
  });

  it('never calls a peer dead that is heard, though it cannot be reached', async () => {
    start();
    for (let second = 0; second < 60; second += 1) {
      await runtime.time.advance(1000);
      cluster.heard(fromNode2);
    }
    expect([state(), cluster.canDeliverTo('node2')]).toEqual(['suspect', false]);
  });

  it('asks a dead peer at once when it is heard', async () => {
    start();
    await runtime.time.runUntil(() => state() === 'dead', 20_000);
    answers(() => ({ body: node() }));
    cluster.heard(fromNode2);
    await runtime.time.advance(10);
    expect(state()).toBe('alive');
  });

  it('notices a new run by what the peer sends, before the next probe is due', async () => {
    let runId = 'runA';
    answers(() => ({ body: node({ run_id: runId }) }));
    start();
    await runtime.time.advance(100);
    runId = 'runB';
    cluster.heard({ ...fromNode2, 'x-artemis-run': 'runB' });
    await runtime.time.advance(10);
    expect(news.at(-1)).toEqual({ recovered: false, newRun: true });
  });

  it('skips itself, whatever its address in the list', async () => {
    answers(() => ({ body: node({ node_id: 'node1', run_id: 'run1' }) }));
    start();
    await runtime.time.advance(100);
    expect([cluster.peers, removed]).toEqual([[], ['node2:8080']]);
  });

  it('takes a peer without node status for a foreign one, by its health', async () => {
    answers((path) => (path === '/health' ? { body: 'OK' } : { status: 404 }));
    start();
    await runtime.time.advance(100);
    expect(cluster.peers[0]).toMatchObject({ state: 'alive', identity: undefined });
  });

  it.each([[{ status: 500 }], [{ body: { node_id: 'node2' } }], [{ body: 'hello' }]])(
    'is not content with %j as the answer to a probe',
    async (answer) => {
      answers(() => answer);
      start();
      await runtime.time.advance(100);
      expect(state()).toBe('suspect');
    },
  );

  it('knows when every peer was asked, reachable or not', async () => {
    start();
    expect(cluster.probedAll).toBe(false);
    await runtime.time.advance(1100);
    expect(cluster.probedAll).toBe(true);
  });

  it('follows the clocks of peers, but not too far', async () => {
    const clock = (aheadMs: number) => String((runtime.clock.wallMs() + aheadMs) * 1024);
    cluster.heard({ ...fromNode2, 'x-artemis-clock': clock(59_000) });
    expect(clockRefusals).toBe(0);
    cluster.heard({ ...fromNode2, 'x-artemis-clock': clock(3_600_000) });
    cluster.heard({ ...fromNode2, 'x-artemis-clock': 'nonsense' });
    expect(clockRefusals).toBe(1);
  });

  it('knows the fastest wall clock of the cluster', async () => {
    answers(() => ({ body: node({ wall_time_ms: runtime.clock.wallMs() + 7000 }) }));
    start();
    await runtime.time.advance(100);
    expect(cluster.fastestLeadMs).toBeGreaterThan(6900);
    expect(cluster.fastestLeadMs).toBeLessThanOrEqual(7000);
  });

  it('leaves peers alone when the cluster is not enabled', async () => {
    const alone = new ClusterManager({
      config: defaultConfig({ cluster: { enabled: false, peers: ['node2:8080'] } }),
      identity: identityOf('node1', 'run1'),
      ...runtime,
      caller: undefined as never,
    });
    alone.start({ alive: () => undefined, removed: () => undefined });
    expect([alone.peers, alone.probedAll]).toEqual([[], true]);
  });
});
