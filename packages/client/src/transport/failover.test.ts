import { anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import type { ArtemisClient } from '../artemis-client.js';
import { FakeWorld } from '../fake-world.fixture.js';
import type { ServiceView } from '../view/service-view.js';

const serviceId = 'test-service';

function toldBy(view: ServiceView): string[] {
  const told: string[] = [];
  view.on('change', ({ changes }) => {
    told.push(...changes.map(({ change_type, instance }) => `${change_type} ${instance.instance_id}`));
  });
  return told;
}

function connectionsOf(client: ArtemisClient): string[] {
  const connections: string[] = [];
  client.on('connected', ({ node, transport }) => connections.push(`${transport} ${node}`));
  return connections;
}

/** Registers at every node, as if replicated. */
function everywhere(world: FakeWorld, id: string): void {
  for (const node of world.nodes) node.table.put(anInstance({ instance_id: id }));
}

describe.each(['websocket', 'http'] as const)('over %s', (transport) => {
  it('another node is used when one stops, and a view tells only what differs', async () => {
    const world = new FakeWorld();
    everywhere(world, 'stays');
    world.node(1).table.put(anInstance({ instance_id: 'only-on-1' }));
    const client = world.client({ transport });
    const connections = connectionsOf(client);
    const registration = await world.time.finish(client.register(anInstance({ service_id: 'mine' })));
    const view = client.service(serviceId);
    await world.time.finish(view.ready());
    await world.time.advance(2000);
    const told = toldBy(view);
    const staleness: boolean[] = [];
    view.on('stale', (isStale) => staleness.push(isStale));
    world.node(1).stop();
    world.node(2).table.put(anInstance({ instance_id: 'meanwhile' }));
    world.node(3).table.put(anInstance({ instance_id: 'meanwhile' }));
    for (const node of world.nodes) node.table.remove(registration.key);
    await world.time.advance(3000);
    expect(connections).toEqual([`${transport} http://node1`, expect.stringMatching(/node[23]$/)]);
    expect(told).toEqual(['delete only-on-1', 'new meanwhile']);
    expect(staleness).toEqual([true, false]);
    expect(registration.state).toBe('registered');
    expect(world.node(2).ids).toContain('inst-1');
    await world.time.finish(client.close());
    expect(world.node(3).ids).not.toContain('inst-1');
  });

  it('what is known stays, marked stale, while no node answers', async () => {
    const world = new FakeWorld();
    everywhere(world, 'one');
    const client = world.client({ transport });
    const view = client.service(serviceId);
    await world.time.finish(view.ready());
    await world.time.advance(3000);
    for (const node of world.nodes) node.stop();
    await world.time.advance(600_000);
    expect([view.stale, view.pick()?.instance_id]).toEqual([true, 'one']);
    const told = toldBy(view);
    world.node(3).mode = 'up';
    await world.time.advance(6000);
    expect([view.stale, told]).toEqual([false, []]);
  });
});

describe('a socket', () => {
  it('that broke is replaced, and the watch resumes with what was missed, once', async () => {
    const world = new FakeWorld(1);
    everywhere(world, 'one');
    const client = world.client();
    const view = client.service(serviceId);
    await world.time.finish(view.ready());
    const told = toldBy(view);
    world.node(1).table.put(anInstance({ instance_id: 'two' }));
    await world.time.advance(10);
    world.node(1).cutSockets();
    world.node(1).table.put(anInstance({ instance_id: 'three' }));
    world.node(1).table.remove(anInstance({ instance_id: 'one' }));
    await world.time.advance(1000);
    world.node(1).table.put(anInstance({ instance_id: 'four' }));
    await world.time.advance(10);
    expect(told).toEqual(['new two', 'new three', 'delete one', 'new four']);
    expect(
      world
        .node(1)
        .heard('subscribe')
        .map(({ since_revision }) => since_revision),
    ).toEqual([undefined, 2]);
  });

  it('that broke for longer than the log reaches is replaced, and only what differs is told', async () => {
    const world = new FakeWorld(1);
    everywhere(world, 'one');
    const client = world.client();
    const view = client.service(serviceId);
    await world.time.finish(view.ready());
    const told = toldBy(view);
    world.node(1).cutSockets();
    world.node(1).table.put(anInstance({ instance_id: 'two' }));
    world.node(1).table.remove(anInstance({ instance_id: 'two' }));
    world.node(1).table.put(anInstance({ instance_id: 'one', port: 1 }));
    world.node(1).table.forgotten = 4;
    await world.time.advance(1000);
    expect(told).toEqual(['change one']);
  });

  it('is left at once when the node says goodbye, and the node is left alone', async () => {
    const world = new FakeWorld(3);
    const client = world.client();
    const connections = connectionsOf(client);
    await world.time.finish(client.register(anInstance()));
    await world.time.advance(100);
    world.node(1).drain();
    await world.time.advance(20);
    expect(connections).toEqual(['websocket http://node1', expect.stringMatching(/node[23]$/)]);
    expect(world.node(1).sessions.size).toBe(0);
    expect(world.nodes.filter((node) => node.heard('register').length > 0)).toHaveLength(2);
  });

  it('that falls silent is found out by a ping', async () => {
    const world = new FakeWorld(2);
    const client = world.client({ urls: ['http://node1', 'http://node2'], requestTimeoutMs: 2000 });
    const connections = connectionsOf(client);
    await world.time.finish(client.service(serviceId).ready());
    await world.time.advance(60_000);
    expect(connections).toHaveLength(1);
    expect(world.node(1).heard('ping').length).toBeGreaterThanOrEqual(5);
    world.node(1).mode = 'silent';
    await world.time.advance(15_000);
    expect(connections).toEqual(['websocket http://node1', 'websocket http://node2']);
  });

  it('is given up when a request is not answered', async () => {
    const world = new FakeWorld(2);
    const client = world.client({ urls: ['http://node1', 'http://node2'], requestTimeoutMs: 1000 });
    const registration = await world.time.finish(client.register(anInstance()));
    world.node(1).mode = 'silent';
    await world.time.finish(registration.update({ status: 'down' }), 5000);
    expect(world.node(2).table.instances).toEqual([anInstance({ status: 'down' })]);
  });

  it('is given up when what comes is not understood; what is unknown is passed over', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    const connections = connectionsOf(client);
    const view = client.service(serviceId);
    await world.time.finish(view.ready());
    world.node(1).say({ type: 'of-a-later-version', anything: 1 });
    await world.time.advance(1000);
    expect(connections).toHaveLength(1);
    world.node(1).say({ type: 'service_change', service_id: 7 });
    await world.time.advance(1000);
    expect(connections).toHaveLength(2);
    expect(view.stale).toBe(false);
  });

  it('of another run of the node is asked for everything', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    const view = client.service(serviceId);
    await world.time.finish(view.ready());
    const change = {
      change_type: 'new',
      instance: anInstance(),
      change_time: '2025-01-01T00:00:00Z',
      revision: 1,
    };
    const position = { revision: 1, log_id: 'another run' };
    world.node(1).say({ type: 'service_change', service_id: serviceId, ...position, changes: [change] });
    await world.time.advance(100);
    expect(view.instances).toEqual([]);
    expect(world.node(1).heard('subscribe')).toHaveLength(2);
  });
});

describe('nodes that fail', () => {
  it('are tried again less and less often', async () => {
    const world = new FakeWorld(1);
    world.node(1).mode = 'down';
    const client = world.client({ transport: 'websocket' });
    client.service(serviceId);
    await world.time.advance(2000);
    const early = world.attempts.length;
    expect(early).toBeGreaterThanOrEqual(3);
    expect(early).toBeLessThanOrEqual(8);
    await world.time.advance(60_000);
    const later = world.attempts.length - early;
    expect(later).toBeGreaterThanOrEqual(12);
    expect(later).toBeLessThanOrEqual(30);
  });

  it('are left alone as long as they ask for', async () => {
    const world = new FakeWorld(1);
    world.node(1).mode = 'draining';
    const client = world.client();
    client.service(serviceId);
    await world.time.advance(10_000);
    expect(world.attempts.length).toBeLessThanOrEqual(10);
    expect(world.attempts.length).toBeGreaterThanOrEqual(4);
  });

  it('do not stop a client that is closed from being quiet', async () => {
    const world = new FakeWorld(1);
    world.node(1).mode = 'down';
    const client = world.client();
    client.service(serviceId);
    await world.time.advance(1000);
    await client.close();
    const before = world.attempts.length;
    await world.time.advance(60_000);
    expect(world.attempts.length).toBe(before);
  });
});

describe('where sockets are not to be had', () => {
  it('HTTP is spoken, until a socket can be had after all', async () => {
    const world = new FakeWorld(1);
    world.node(1).hasSockets = false;
    everywhere(world, 'one');
    const client = world.client();
    const connections = connectionsOf(client);
    const registration = await world.time.finish(client.register(anInstance({ service_id: 'mine' })));
    const view = client.service(serviceId);
    await world.time.finish(view.ready());
    const told = toldBy(view);
    await world.time.advance(60_000);
    expect(connections).toEqual(['http http://node1']);
    world.node(1).table.put(anInstance({ instance_id: 'two' }));
    await world.time.advance(500);
    world.node(1).hasSockets = true;
    await world.time.advance(300_000);
    world.node(1).table.put(anInstance({ instance_id: 'three' }));
    await world.time.advance(500);
    expect(connections).toEqual(['http http://node1', 'websocket http://node1']);
    expect(told).toEqual(['new two', 'new three']);
    expect([view.stale, registration.state]).toEqual([false, 'registered']);
  });

  it('a socket that is had and says goodbye at once leaves the client as it was', async () => {
    const world = new FakeWorld(1);
    world.node(1).hasSockets = false;
    const client = world.client();
    const registration = await world.time.finish(client.register(anInstance({ service_id: 'mine' })));
    world.node(1).hasSockets = true;
    world.node(1).greeting = { type: 'goodbye', reason: 'draining' };
    await world.time.advance(25_000);
    const update = registration.update({ status: 'down' });
    await world.time.advance(5_000);
    await world.time.finish(update);
    expect([registration.state, world.node(1).table.instances[0]?.status]).toEqual(['registered', 'down']);
    await world.time.finish(client.close());
  });

  it('a client that is closed while it asks by HTTP tries no socket later', async () => {
    const world = new FakeWorld(1);
    world.node(1).hasSockets = false;
    const client = world.client({ nodeRefreshIntervalMs: 0 });
    client.service(serviceId);
    // The upgrade is refused, and the question whether the node is ready is on its way.
    await world.time.advance(2);
    await client.close();
    await world.time.advance(10);
    const before = world.time.eventsRun;
    await world.time.advance(60_000);
    expect(world.time.eventsRun).toBe(before);
  });

  it('`websocket` never speaks HTTP', async () => {
    const world = new FakeWorld(1);
    world.node(1).hasSockets = false;
    const client = world.client({ transport: 'websocket' });
    const view = client.service(serviceId);
    await world.time.advance(60_000);
    expect([view.stale, world.node(1).requests]).toEqual([true, []]);
  });
});
