import type { ConfigOverrides } from '@artemis/core/config';
import { MemoryStore, SeededRandom, SimNetwork, simRuntime, VirtualTime } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { build } from './node.fixture.js';
import type { ArtemisNode } from './node.js';
import { createNode } from './node.js';

function surroundings(): { time: VirtualTime; network: SimNetwork } {
  const time = new VirtualTime();
  return { time, network: new SimNetwork({ scheduler: time.scheduler, random: new SeededRandom(1) }) };
}

function lonely(config: ConfigOverrides = {}, store = new MemoryStore()) {
  const { time, network } = surroundings();
  const runtime = simRuntime({ time, network, store, url: 'http://localhost:8080' });
  return { time, runtime, store, node: createNode(config, runtime) };
}

async function nothingRuns(time: VirtualTime): Promise<void> {
  await time.advance(1000);
  const before = time.eventsRun;
  await time.advance(3_600_000);
  expect(time.eventsRun).toBe(before);
}

const stopped = 'this node was stopped: create another';
const drained = 'this node was drained: create another';

describe('a node', () => {
  it('fills up a partial configuration, and says so to whoever asks', () => {
    const { node } = lonely({ lease: { ttlMs: 60_000 } });
    expect(node.config.lease).toMatchObject({ ttlMs: 60_000, orphanGraceMs: 600_000 });
    const rows = node.state.config.describe().config;
    expect(rows).toContainEqual({ key: 'lease.ttl_secs', value: 60, source: 'program' });
    expect(rows).toContainEqual({ key: 'server.zone', value: 'zone1', source: 'default' });
  });

  it('refuses a configuration that is wrong before anything is built', () => {
    expect(() => createNode({ server: { node_id: 'a' } } as ConfigOverrides)).toThrow(
      'server.node_id: unknown key, did you mean nodeId?',
    );
  });

  it('takes each step of its life once', async () => {
    const { time, node } = lonely();
    expect(node.start()).toBe(node.start());
    expect(node.open()).toBe(node.open());
    await time.finish(node.start());
    expect(node.drain()).toBe(node.drain());
    await time.finish(node.drain());
    expect(node.stop()).toBe(node.stop());
    await time.finish(node.stop());
    await time.finish(node.drain());
    await nothingRuns(time);
  });

  it('is drained and stopped by its disposal', async () => {
    const { time, node } = lonely();
    await time.finish(node.start());
    await time.finish(node[Symbol.asyncDispose]());
    expect(node.state.cluster.node().status).toBe('draining');
    await expect(node.ready()).rejects.toThrow(stopped);
  });

  it('cannot be started any more once it is drained or stopped', async () => {
    const first = lonely();
    await first.time.finish(first.node.drain());
    await expect(first.node.start()).rejects.toThrow(drained);
    const second = lonely();
    await second.time.finish(second.node.stop());
    await expect(second.node.start()).rejects.toThrow(stopped);
    await expect(second.node.open()).rejects.toThrow(stopped);
  });

  it('starts nothing when it is stopped while its store is opened', async () => {
    const { time, runtime, store, node } = lonely();
    const open = () => MemoryStore.prototype.open.call(store);
    store.open = () => new Promise((resolve) => runtime.scheduler.after(100, () => resolve(open())));
    const starting = node.start().catch((error: unknown) => error);
    const stopping = node.stop();
    await time.finish(stopping);
    expect(await time.finish(starting)).toMatchObject({ message: stopped });
    await nothingRuns(time);
  });
});

describe('ready', () => {
  it('resolves once the node is ready, whether it was asked before the start or after', async () => {
    const { time, node } = lonely();
    const ready = node.ready();
    await time.finish(node.start());
    await time.finish(ready);
    await node.ready();
  });

  it('waits until the node has joined its peers', async () => {
    const shared = surroundings();
    const [first, second] = [build('node1', shared), build('node2', shared)] as const;
    const { time } = shared;
    await time.finish(first.node.start());
    const ready = first.node.ready();
    expect(first.node.state.health.readiness().ready).toBe(false);
    await time.finish(second.node.start());
    await time.finish(ready);
    expect(first.node.state.health.readiness().ready).toBe(true);
  });

  it('rejects when the start fails, with what is wrong', async () => {
    const { time, store, node } = lonely();
    store.open = () => Promise.reject(new Error('another process holds it'));
    const ready = failureOf(node);
    await time.finish(node.start().catch(() => undefined));
    expect(await time.finish(ready)).toBe('another process holds it');
  });

  it('rejects when the node is stopped meanwhile', async () => {
    const { time, node } = lonely();
    const ready = failureOf(node);
    await time.finish(node.drain());
    expect(await time.finish(ready)).toBe(drained);
  });

  it('rejects with the gates that are closed when the signal says that it is long enough', async () => {
    const { node } = build('node1', surroundings());
    const controller = new AbortController();
    const ready = node.ready({ signal: controller.signal });
    controller.abort(new Error('too long'));
    const failure = await ready.catch((error: unknown) => error);
    expect(failure).toMatchObject({
      message: 'the node is not ready: synced: not every peer has been asked yet',
      cause: new Error('too long'),
    });
    await expect(node.ready({ signal: AbortSignal.abort() })).rejects.toThrow('the node is not ready');
  });
});

function failureOf(node: ArtemisNode): Promise<unknown> {
  return node.ready().catch((error: unknown) => (error as Error).message);
}
