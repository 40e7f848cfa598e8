import { anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { FakeWorld } from './fake-world.fixture.js';

async function dispose(world: FakeWorld, what: AsyncDisposable): Promise<void> {
  await world.time.finish(Promise.resolve(what[Symbol.asyncDispose]()));
}

// Called by name, as `await using` calls it: not every Node that runs these tests knows the syntax.
describe('at the end of its block', () => {
  it('a registration is unregistered', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    const registration = await world.time.finish(client.register(anInstance()));
    expect(world.node(1).ids).toEqual(['inst-1']);
    await dispose(world, registration);
    expect([registration.state, world.node(1).ids]).toEqual(['closed', []]);
    await world.time.finish(client.close());
  });

  it('a view ends, and the client goes on', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    const view = client.service('test-service');
    await world.time.finish(view.ready());
    await dispose(world, view);
    world.node(1).table.put(anInstance());
    await world.time.advance(1000);
    expect(view.instances).toEqual([]);
    await expect(view.ready()).rejects.toMatchObject({ code: 'closed' });
    expect(await world.time.finish(client.services())).toEqual(['test-service']);
    await world.time.finish(client.close());
  });

  it('a view of everything ends, and with it its connection', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    const view = client.watchAll();
    await world.time.finish(view.ready());
    expect(world.node(1).sessions.size).toBe(1);
    await dispose(world, view);
    await world.time.advance(100);
    expect(world.node(1).sessions.size).toBe(0);
    await world.time.finish(client.close());
  });

  it('a client is closed with all that it has', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    const registration = await world.time.finish(client.register(anInstance()));
    await dispose(world, client);
    expect([registration.state, world.node(1).ids]).toEqual(['closed', []]);
    await expect(client.services()).rejects.toMatchObject({ code: 'closed' });
    await world.time.advance(100);
    expect(world.node(1).sessions.size).toBe(0);
  });

  it('a use of an instance is over', async () => {
    const world = new FakeWorld(1);
    for (const id of ['a', 'b']) world.node(1).table.put(anInstance({ instance_id: id }));
    const client = world.client();
    const view = client.service('test-service');
    await world.time.finish(view.ready());
    const [first, second] = view.instances;
    if (first === undefined || second === undefined) throw new Error('two instances');
    const call = view.use(first);
    expect(view.pick({ strategy: 'least-used' })).toEqual(second);
    const calls = [view.use(second), view.use(second)];
    expect(view.pick({ strategy: 'least-used' })).toEqual(first);
    for (const other of calls) other[Symbol.dispose]();
    expect(view.pick({ strategy: 'least-used' })).toEqual(second);
    call[Symbol.dispose]();
    await world.time.finish(client.close());
  });
});
