import { describe, expect, it } from '@jest/globals';
import { replicatedInstanceSchema, keyOf } from '../models/instance.js';
import { isCoherent } from '../models/record.js';
import { aKey, anAliveRecord, anInstance, aVersion } from './fixtures.js';
import { simRuntime } from './sim-runtime.js';

describe('a simulated runtime', () => {
  it('is complete on its own, and the same each time', async () => {
    const [first, second] = [simRuntime(), simRuntime()];
    expect(first.random.id(8)).toBe(second.random.id(8));
    const call = first.transport.call('http://node2:8080', {
      method: 'GET',
      path: '/',
      headers: {},
      timeoutMs: 10,
    });
    await expect(first.time.finish(call)).rejects.toMatchObject({ kind: 'refused' });
  });

  it('shares time and network with the others, and nothing else', async () => {
    const node1 = simRuntime();
    const { time, network } = node1;
    const node2 = simRuntime({ url: 'http://node2:8080', time, network, skewMs: 500 });
    expect(node2.clock.wallMs() - node1.clock.wallMs()).toBe(500);
    expect(node2.random.id(8)).not.toBe(node1.random.id(8));
    network.attach(node1.url, async () => ({ status: 204, headers: {}, body: undefined }));
    const request = { method: 'GET', path: '/', headers: {}, timeoutMs: 10 } as const;
    const { status } = await time.finish(node2.transport.call(node1.url, request));
    expect(status).toBe(204);
    expect(network.traffic({ from: node2.url, to: node1.url }).requests).toBe(1);
  });

  it('finds the store of the run before and draws another run id', async () => {
    const before = simRuntime();
    await before.store.commit({ put: [anAliveRecord()], forget: [] });
    await before.time.advance(1);
    const { time, network, store } = before;
    const after = simRuntime({ time, network, store });
    expect((await after.store.open()).records).toEqual([anAliveRecord()]);
    expect(after.random.id(8)).not.toBe(simRuntime().random.id(8));
  });
});

describe('the fixtures', () => {
  it('are valid, and can be changed', () => {
    expect(replicatedInstanceSchema.parse(anInstance())).toEqual(anInstance());
    expect(anInstance({ port: 1 }).port).toBe(1);
    expect(keyOf(aKey())).toBe(keyOf(anInstance()));
    expect(aKey({ group_id: 'g' }).group_id).toBe('g');
    expect(aVersion({ round: 2 }).round).toBe(2);
    const record = anAliveRecord({ instance: { port: 1 }, version: { stamp: 5 }, leaseTtlMs: 1 });
    expect(record).toMatchObject({ instance: { port: 1 }, version: { stamp: 5 }, leaseTtlMs: 1 });
    expect(isCoherent(record)).toBe(true);
  });
});
