import { anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { FakeWorld } from '../fake-world.fixture.js';
import type { AllView } from './all-view.js';

const one = (service_id: string, instance_id: string) => anInstance({ service_id, instance_id });

function toldBy(view: AllView): string[] {
  const told: string[] = [];
  view.on('change', ({ change_type: type, instance: { service_id, instance_id } }) =>
    told.push(`${type} ${service_id}/${instance_id}`),
  );
  return told;
}

describe.each(['websocket', 'http'] as const)('a view of everything over %s', (transport) => {
  it('holds what there is, and follows what changes', async () => {
    const world = new FakeWorld(1);
    world.node(1).table.put(one('Orders', 'a'));
    world.node(1).table.put(one('users', 'b'));
    const client = world.client({ transport });
    const view = client.watchAll();
    const told = toldBy(view);
    await world.time.finish(view.ready());
    expect([view.stale, view.serviceIds]).toEqual([false, ['Orders', 'users']]);
    expect(view.instances('ORDERS')).toEqual([one('Orders', 'a')]);
    world.node(1).table.put(one('new', 'c'));
    world.node(1).table.remove(one('users', 'b'));
    world.node(1).table.put({ ...one('Orders', 'a'), status: 'down' });
    await world.time.advance(3000);
    expect(told).toEqual(['new Orders/a', 'new users/b', 'new new/c', 'delete users/b', 'change Orders/a']);
    expect(view.serviceIds).toEqual(['Orders', 'new']);
    await client.close();
    expect(view.stale).toBe(true);
  });

  it('tells only what differs after it has moved to another node', async () => {
    const world = new FakeWorld(2);
    for (const node of world.nodes) {
      node.table.put(one('both', 'a'));
      node.table.put(one('gone', 'b'));
    }
    const client = world.client({ transport, urls: ['http://node1', 'http://node2'] });
    const view = client.watchAll();
    await world.time.finish(view.ready());
    const told = toldBy(view);
    world.node(2).table.remove(one('gone', 'b'));
    world.node(2).table.put(one('came', 'c'));
    world.node(1).stop();
    await world.time.advance(8000);
    expect(told.sort()).toEqual(['delete gone/b', 'new came/c']);
    expect([view.stale, view.serviceIds]).toEqual([false, ['both', 'came']]);
  });
});

describe('a view of everything', () => {
  it('resumes with what was missed, once', async () => {
    const world = new FakeWorld(1);
    world.node(1).table.put(one('orders', 'a'));
    const client = world.client();
    const view = client.watchAll();
    await world.time.finish(view.ready());
    const told = toldBy(view);
    for (const turn of [1, 2]) {
      world.node(1).table.put(one('orders', `heard-${turn}`));
      await world.time.advance(10);
      world.node(1).cutSockets();
      world.node(1).table.put(one('users', `missed-${turn}`));
      await world.time.advance(2000);
    }
    expect(told).toEqual([
      'new orders/heard-1',
      'new users/missed-1',
      'new orders/heard-2',
      'new users/missed-2',
    ]);
    const since = world
      .node(1)
      .heard('subscribe_all')
      .map(({ since_revision }) => since_revision);
    expect(since).toEqual([undefined, 2, 4]);
  });

  it('knows what is gone when the log does not reach back, down to nothing at all', async () => {
    const world = new FakeWorld(1);
    world.node(1).table.put(one('orders', 'a'));
    const client = world.client();
    const view = client.watchAll();
    await world.time.finish(view.ready());
    world.node(1).cutSockets();
    world.node(1).table.restart();
    await world.time.advance(2000);
    expect([view.stale, view.serviceIds]).toEqual([false, []]);
  });

  it('over HTTP knows what is gone when the log stops to reach back', async () => {
    const world = new FakeWorld(1);
    world.node(1).table.put(one('orders', 'a'));
    const client = world.client({ transport: 'http' });
    const view = client.watchAll();
    await world.time.finish(view.ready());
    const told = toldBy(view);
    world.node(1).table.restart();
    world.node(1).table.put(one('users', 'b'));
    await world.time.advance(5000);
    expect([view.serviceIds, told]).toEqual([['users'], ['new users/b', 'delete orders/a']]);
    await client.close();
  });

  it('that a node refuses asks again', async () => {
    const world = new FakeWorld(1);
    const answer = { type: 'error', error_code: 'rate-limited', message: 'too many' };
    world.node(1).overloaded = answer;
    const client = world.client();
    const errors: string[] = [];
    client.on('error', ({ code }) => errors.push(code));
    const view = client.watchAll();
    await world.time.advance(1000);
    expect([view.stale, errors]).toEqual([true, ['refused']]);
    world.node(1).overloaded = undefined;
    await world.time.advance(30_000);
    expect(view.stale).toBe(false);
    await client.close();
  });

  it('is begun again when the node says that this client was too slow', async () => {
    const world = new FakeWorld(1);
    world.node(1).table.put(one('orders', 'a'));
    world.node(1).table.put(one('users', 'b'));
    const client = world.client();
    const view = client.watchAll();
    await world.time.finish(view.ready());
    const told = toldBy(view);
    const position = { revision: 9, log_id: world.node(1).table.position.log_id };
    const say = (message: object): void => world.node(1).say({ ...position, ...message });
    say({ type: 'reload', from_revision: 2 });
    say({
      type: 'subscribed',
      service_id: 'users',
      service: { service_id: 'users', instances: [one('users', 'c')] },
    });
    say({ type: 'subscribed_all' });
    await world.time.advance(10);
    expect(told).toEqual(['delete users/b', 'new users/c', 'delete orders/a']);
  });

  it('can be iterated until it is closed', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    const view = client.watchAll();
    await world.time.finish(view.ready());
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { change_type, instance } of view) seen.push(`${change_type} ${instance.instance_id}`);
    })();
    const first = (async () => {
      for await (const { instance } of view) return instance.instance_id;
      return undefined;
    })();
    world.node(1).table.put(one('orders', 'a'));
    world.node(1).table.put(one('orders', 'b'));
    await world.time.advance(10);
    expect(await first).toBe('a');
    await view.close();
    await reading;
    expect(seen).toEqual(['new a', 'new b']);
    for await (const change of view) throw new Error(`came after the end: ${JSON.stringify(change)}`);
  });

  it('has a socket of its own, which ends with it', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    await using view = client.watchAll();
    await world.time.finish(Promise.all([view.ready(), client.service('orders').ready()]));
    expect(world.node(1).sessions.size).toBe(2);
    await view.close();
    await world.time.advance(10);
    expect(world.node(1).sessions.size).toBe(1);
    await expect(view.ready()).rejects.toMatchObject({ code: 'closed' });
  });
});
