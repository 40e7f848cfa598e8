import { describe, expect, it } from '@jest/globals';
import { anInstance } from '@artemis/core/testing';
import { FakeWorld } from './fake-world.fixture.js';

describe.each(['websocket', 'http'] as const)('a client over %s', (transport) => {
  it('registers, keeps the lease, and unregisters on close', async () => {
    const world = new FakeWorld();
    const client = world.client({ transport });
    const registration = await world.time.finish(client.register(anInstance()));
    expect(registration.state).toBe('registered');
    expect(world.nodes.map(({ ids }) => ids)).toEqual([['inst-1'], ['inst-1'], ['inst-1']]);
    await world.time.advance(35_000);
    const [node] = world.nodes;
    const overSocket = node?.heard('heartbeat').length ?? 0;
    const overHttp = node?.requests.filter(({ path }) => path.includes('heartbeat')).length ?? 0;
    expect([overSocket, overHttp]).toEqual(transport === 'http' ? [0, 3] : [3, 0]);
    await world.time.finish(client.close());
    expect(world.nodes.map(({ ids }) => ids)).toEqual([[], [], []]);
  });

  it('holds a view of a service up to date', async () => {
    const world = new FakeWorld();
    world.node(1).table.put(anInstance());
    const client = world.client({ transport });
    const view = client.service('Test-Service');
    expect([view.stale, view.instances]).toEqual([true, []]);
    const seen: string[] = [];
    view.on('change', ({ changes }) => {
      seen.push(...changes.map(({ change_type, instance }) => `${change_type} ${instance.instance_id}`));
    });
    await world.time.finish(view.ready());
    expect([view.stale, view.instances]).toEqual([false, [anInstance()]]);
    world.node(1).table.put(anInstance({ instance_id: 'inst-2' }));
    await world.time.advance(500);
    world.node(1).table.put(anInstance({ status: 'down' }));
    await world.time.advance(500);
    world.node(1).table.remove(anInstance());
    await world.time.advance(500);
    expect(seen).toEqual(['new inst-1', 'new inst-2', 'change inst-1', 'delete inst-1']);
    expect(view.pick()?.instance_id).toBe('inst-2');
    await world.time.finish(client.close());
  });
});
