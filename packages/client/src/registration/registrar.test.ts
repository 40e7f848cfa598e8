import { anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { FakeWorld } from '../fake-world.fixture.js';

const others = (count: number) =>
  Array.from({ length: count }, (_, index) => anInstance({ instance_id: `inst-${index}` }));

describe('registrations', () => {
  it('go out together, and share one heartbeat', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    await world.time.finish(Promise.all(others(20).map((instance) => client.register(instance))));
    const [node] = world.nodes;
    // The first may be on its way before the others are there.
    expect(node?.heard('register').length).toBeLessThanOrEqual(2);
    await world.time.advance(10_000);
    expect(node?.heard('heartbeat')).toEqual([
      expect.not.objectContaining({ instance_keys: expect.anything() }),
    ]);
  });

  it('fill in what can be known', async () => {
    const world = new FakeWorld(1);
    const client = world.client({ region: 'eu', zone: 'eu-1' });
    await world.time.finish(
      client.register({ service_id: 'orders', instance_id: 'one', ip: '::1', port: 80 }),
    );
    expect(world.node(1).table.instances).toEqual([
      {
        region_id: 'eu',
        zone_id: 'eu-1',
        service_id: 'orders',
        instance_id: 'one',
        ip: '::1',
        port: 80,
        status: 'up',
        url: 'http://[::1]:80',
      },
    ]);
  });

  it('are refused with the path of what is wrong before anything is sent', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    const wrong = client.register(anInstance({ port: 70_000 }));
    await expect(wrong).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('instance.port'),
    });
    await world.time.advance(1000);
    expect(world.node(1).heard('register')).toEqual([]);
  });

  it('hold a key once', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    const registration = await world.time.finish(client.register(anInstance()));
    await expect(client.register(anInstance())).rejects.toMatchObject({ code: 'invalid' });
    // While the first is on its way out, the next is taken.
    const closing = registration.close();
    await world.time.finish(client.register(anInstance()));
    await world.time.finish(closing);
    expect(world.node(1).ids).toEqual(['inst-1']);
  });

  it('that a node refuses reject with its words and leave nothing behind', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    const [refused, taken] = [
      client.register(anInstance({ metadata: { refuse: 'yes' } })),
      client.register(anInstance({ instance_id: 'inst-2' })),
    ];
    refused.catch(() => undefined);
    await world.time.finish(taken);
    await expect(refused).rejects.toMatchObject({ code: 'refused', errorCode: 'bad-request' });
    await world.time.finish(client.register(anInstance()));
    expect(world.node(1).ids).toEqual(['inst-1', 'inst-2']);
  });

  it('are made again when the node does not know them', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    const registration = await world.time.finish(client.register(anInstance()));
    const events: string[] = [];
    registration.on('lost', () => events.push('lost'));
    registration.on('registered', ({ node }) => events.push(`registered at ${node}`));
    world.node(1).table.remove(registration.key);
    await world.time.advance(10_100);
    expect(events).toEqual(['lost', 'registered at http://node1']);
    expect(world.node(1).ids).toEqual(['inst-1']);
  });

  it('take a new status and metadata, and stay as they were when a node refuses these', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    const registration = await world.time.finish(client.register(anInstance()));
    await world.time.finish(registration.update({ status: 'down', metadata: { weight: '2' } }));
    const expected = [anInstance({ status: 'down', metadata: { weight: '2' } })];
    expect(world.node(1).table.instances).toEqual(expected);
    const refused = registration.update({ metadata: { refuse: 'yes' } });
    await expect(world.time.finish(refused)).rejects.toMatchObject({ code: 'refused' });
    await expect(registration.update({ metadata: { much: 'x'.repeat(20_000) } })).rejects.toMatchObject({
      code: 'invalid',
    });
    await world.time.advance(30_000);
    expect(world.node(1).table.instances).toEqual(expected);
    expect(registration.instance).toEqual(expected[0]);
    await world.time.finish(registration.close());
    await expect(registration.update({ status: 'up' })).rejects.toMatchObject({ code: 'closed' });
  });

  it('resolve an update that was replaced with what replaced it', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    const registration = await world.time.finish(client.register(anInstance()));
    const updates = [registration.update({ status: 'starting' }), registration.update({ status: 'down' })];
    await world.time.finish(Promise.all(updates));
    expect(world.node(1).table.instances).toEqual([anInstance({ status: 'down' })]);
  });

  it('wait for a node as long as it takes, or until the caller gives up', async () => {
    const world = new FakeWorld(1);
    world.node(1).mode = 'down';
    const client = world.client();
    const end = new AbortController();
    const abandoned = client.register(anInstance({ instance_id: 'abandoned' }), { signal: end.signal });
    const patient = client.register(anInstance());
    await world.time.advance(120_000);
    end.abort('enough');
    await expect(abandoned).rejects.toMatchObject({ code: 'aborted', cause: 'enough' });
    world.node(1).mode = 'up';
    await world.time.finish(patient);
    expect(world.node(1).ids).toEqual(['inst-1']);
  });

  it('move to a node that takes writes', async () => {
    const world = new FakeWorld(2);
    world.node(1).refusal = 'service-unavailable';
    const client = world.client({ urls: ['http://node1', 'http://node2'], nodeRefreshIntervalMs: 0 });
    await world.time.finish(client.register(anInstance()));
    expect(world.node(2).ids).toEqual(['inst-1']);
  });

  it('that another node refuses are told of, and tried again', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    const errors: string[] = [];
    client.on('error', ({ code, errorCode }) => errors.push(`${code} ${errorCode}`));
    const registration = await world.time.finish(client.register(anInstance()));
    registration.on('error', ({ code }) => errors.push(code));
    world.node(1).refusal = 'no-permission';
    world.node(1).cutSockets();
    await world.time.advance(9000);
    expect(errors.slice(0, 2)).toEqual(['refused', 'refused no-permission']);
    world.node(1).refusal = undefined;
    world.node(1).table.remove(registration.key);
    await world.time.advance(20_000);
    expect(world.node(1).ids).toEqual(['inst-1']);
  });

  it('send heartbeats as often as the shortest lease needs', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    await world.time.finish(client.register(anInstance()));
    await world.time.finish(client.register(anInstance({ instance_id: 'short', lease_ttl_secs: 3 })));
    await world.time.advance(10_000);
    const count = world.node(1).heard('heartbeat').length;
    expect(count).toBeGreaterThanOrEqual(10);
    expect(count).toBeLessThanOrEqual(12);
  });

  it('carry the highest clock that was seen to another node', async () => {
    const world = new FakeWorld(2);
    world.node(1).clock = 5_000_000;
    const client = world.client({ urls: ['http://node1', 'http://node2'], zone: 'zone1' });
    await world.time.finish(client.service('x').ready());
    const registration = await world.time.finish(client.register(anInstance()));
    expect(world.node(2).clock).toBeLessThan(5_000_000);
    world.node(1).stop();
    await world.time.advance(1000);
    await world.time.finish(registration.update({ status: 'down' }));
    expect(world.node(2).clock).toBeGreaterThan(5_000_000);
  });

  it('end with the client, and by themselves when no node can be told', async () => {
    const world = new FakeWorld(1);
    const client = world.client({ requestTimeoutMs: 2000 });
    const registration = await world.time.finish(client.register(anInstance()));
    const errors: string[] = [];
    client.on('error', ({ code }) => errors.push(code));
    world.node(1).stop();
    const closed = client.close();
    await world.time.advance(1900);
    expect(registration.state).toBe('closed');
    await world.time.finish(closed, 200);
    expect(world.logger.text('warn')).toContain('its lease will end');
    expect(errors).toEqual(['unavailable']);
  });
});
