import { describe, expect, it } from '@jest/globals';
import { FakeWorld } from '../fake-world.fixture.js';

describe('the list of nodes', () => {
  it('is learnt from the node in use, and again now and then', async () => {
    const world = new FakeWorld(3);
    const client = world.client();
    const lists: (readonly string[])[] = [];
    client.on('nodes', (nodes) => lists.push(nodes));
    expect(client.nodes).toEqual(['http://node1']);
    await world.time.finish(client.service('x').ready());
    await world.time.advance(100);
    expect(lists).toHaveLength(1);
    expect([client.nodes[0], client.nodes.length]).toEqual(['http://node1', 3]);
    world.node(1).listed = world.node(1).listed.slice(0, 2);
    await world.time.advance(34_000);
    expect(lists).toHaveLength(2);
    expect(client.nodes).toEqual(['http://node1', 'http://node2']);
    world.node(1).listed = [];
    await world.time.advance(34_000);
    expect(client.nodes).toHaveLength(2);
  });

  it('is learnt by questions, too', async () => {
    const world = new FakeWorld(3);
    const client = world.client();
    await world.time.finish(client.services());
    await world.time.advance(100);
    expect(client.nodes).toHaveLength(3);
  });

  it('is what was given when it is not to be refreshed', async () => {
    const world = new FakeWorld(3);
    const client = world.client({ nodeRefreshIntervalMs: 0 });
    await world.time.finish(client.service('x').ready());
    await world.time.advance(100_000);
    expect(client.nodes).toEqual(['http://node1']);
    expect(world.node(1).requests).toEqual([]);
  });
});
