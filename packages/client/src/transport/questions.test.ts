import { anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { FakeWorld } from '../fake-world.fixture.js';

describe('a question', () => {
  it('is answered by another node when one fails, and no connection is kept for it', async () => {
    const world = new FakeWorld(3);
    world.node(3).table.put(anInstance());
    world.node(3).table.put(anInstance({ instance_id: 'inst-2', status: 'down' }));
    world.node(1).mode = 'down';
    world.node(2).mode = 'draining';
    const client = world.client({ urls: world.nodes.map(({ url }) => url) });
    expect(await world.time.finish(client.instances('test-service'))).toEqual([anInstance()]);
    expect(await world.time.finish(client.instances('test-service', { status: 'any' }))).toHaveLength(2);
    expect(await world.time.finish(client.services())).toEqual(['test-service']);
    expect(await world.time.finish(client.instances('nobody-knows'))).toEqual([]);
    expect(world.attempts).toEqual([]);
  });

  it('is given up when no node answers in time', async () => {
    const world = new FakeWorld(2);
    for (const node of world.nodes) node.mode = 'down';
    const client = world.client({ requestTimeoutMs: 1000 });
    const asked = client.services();
    await expect(world.time.finish(asked)).rejects.toMatchObject({ code: 'unavailable' });
    expect(world.time.nowMs).toBeLessThanOrEqual(3000);
    world.node(1).mode = 'silent';
    await expect(world.time.finish(client.services())).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('gave no complete answer in 1000 ms'),
    });
  });

  it('ends with the signal of the caller, and is not asked by a client that is closed', async () => {
    const world = new FakeWorld(1);
    world.node(1).mode = 'silent';
    const client = world.client();
    const end = new AbortController();
    const asked = client.instances('test-service', { signal: end.signal });
    await world.time.advance(10);
    end.abort('over');
    await expect(asked).rejects.toMatchObject({ code: 'aborted', cause: 'over' });
    await client.close();
    await expect(client.services()).rejects.toMatchObject({ code: 'closed' });
    expect(() => client.service('x')).toThrow(expect.objectContaining({ code: 'closed' }));
  });
});
