import { anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { FakeWorld } from '../fake-world.fixture.js';
import type { ServiceSnapshot, SnapshotStore } from '../snapshots/snapshot-store.js';

class Store implements SnapshotStore {
  readonly saved: ServiceSnapshot[] = [];
  stored: ServiceSnapshot | undefined;
  problem: Error | undefined;

  async load(): Promise<ServiceSnapshot | undefined> {
    if (this.problem !== undefined) throw this.problem;
    return this.stored;
  }

  async save(snapshot: ServiceSnapshot): Promise<void> {
    if (this.problem !== undefined) throw this.problem;
    this.saved.push(snapshot);
  }
}

const stored: ServiceSnapshot = {
  serviceId: 'test-service',
  instances: [anInstance({ instance_id: 'stored' })],
  savedAtMs: 0,
};

describe('a view', () => {
  it('is shared by all who ask for the service, until it is closed', async () => {
    const world = new FakeWorld(1);
    const client = world.client();
    const view = client.service('test-service');
    expect(client.service('TEST-service')).toBe(view);
    await world.time.finish(view.ready());
    await view.close();
    await world.time.advance(10);
    expect(world.node(1).heard('unsubscribe')).toHaveLength(1);
    const next = client.service('test-service');
    expect(next).not.toBe(view);
    await world.time.finish(next.ready());
    await expect(view.ready()).rejects.toMatchObject({ code: 'closed' });
    expect(() => client.service('/no/')).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it('tells the caller who gives up', async () => {
    const world = new FakeWorld(1);
    world.node(1).mode = 'down';
    const view = world.client().service('test-service');
    const end = new AbortController();
    const ready = view.ready({ signal: end.signal });
    end.abort();
    await expect(ready).rejects.toMatchObject({ code: 'aborted' });
    await expect(view.ready({ signal: end.signal })).rejects.toMatchObject({ code: 'aborted' });
  });

  it('holds all instances, whatever their status; what cannot be vouched for is marked', async () => {
    const world = new FakeWorld(1);
    world.node(1).table.put(anInstance({ status: 'starting' }));
    const view = world.client().service('test-service');
    await world.time.finish(view.ready());
    expect([view.instances, view.pick()]).toEqual([[anInstance({ status: 'starting' })], undefined]);
    const { log_id } = world.node(1).table.position;
    const instance = { ...anInstance({ status: 'up' }), unconfirmed: true };
    const change = {
      change_type: 'change',
      instance,
      change_time: '2025-01-01T00:00:00Z',
      revision: 5,
      reason: 'unconfirmed',
    };
    world
      .node(1)
      .say({ type: 'service_change', service_id: 'test-service', revision: 5, log_id, changes: [change] });
    await world.time.advance(10);
    expect(view.instances).toEqual([instance]);
    expect(view.pick()).toBe(view.instances[0]);
  });

  it('goes on when a listener throws', async () => {
    const world = new FakeWorld(1);
    world.node(1).table.put(anInstance());
    const view = world.client().service('test-service');
    let told = 0;
    view.on('change', () => {
      throw new Error('a defect of the caller');
    });
    const off = view.on('change', () => (told += 1));
    await world.time.finish(view.ready());
    expect(told).toBe(1);
    expect(world.logger.text('error')).toContain('a defect of the caller');
    off();
    off();
    world.node(1).table.remove(anInstance());
    await world.time.advance(10);
    expect([told, view.instances]).toEqual([1, []]);
  });

  it('that a node refuses is asked for again', async () => {
    const world = new FakeWorld(1);
    const view = world.client().service('test-service');
    await world.time.finish(view.ready());
    world
      .node(1)
      .say({ type: 'error', error_code: 'rate-limited', message: 'too many', service_id: 'test-service' });
    await world.time.advance(10);
    expect(view.stale).toBe(true);
    await world.time.advance(11_000);
    expect([view.stale, world.node(1).heard('subscribe').length]).toEqual([false, 2]);
  });
});

describe('last known answers', () => {
  it('are held, stale, until a node answers, and are an answer when none does', async () => {
    const world = new FakeWorld(1);
    world.node(1).mode = 'down';
    world.node(1).table.put(anInstance({ instance_id: 'live' }));
    const store = new Store();
    store.stored = stored;
    const view = world.client({ snapshots: store }).service('test-service');
    const told: string[] = [];
    view.on('change', ({ changes }) => {
      told.push(...changes.map(({ change_type, instance }) => `${change_type} ${instance.instance_id}`));
    });
    expect(await world.time.finish(view.ready())).toBeUndefined();
    expect([view.stale, view.pick()?.instance_id]).toEqual([true, 'stored']);
    expect(world.time.nowMs).toBeGreaterThanOrEqual(5000);
    world.node(1).mode = 'up';
    await world.time.advance(10_000);
    expect([view.stale, told]).toEqual([false, ['new stored', 'delete stored', 'new live']]);
  });

  it('are stored soon after a change, and on close', async () => {
    const world = new FakeWorld(1);
    const store = new Store();
    const client = world.client({ snapshots: store });
    await world.time.finish(client.service('test-service').ready());
    for (const id of ['a', 'b', 'c']) world.node(1).table.put(anInstance({ instance_id: id }));
    await world.time.advance(1500);
    expect(store.saved.map(({ instances }) => instances.length)).toEqual([3]);
    world.node(1).table.put(anInstance({ instance_id: 'd' }));
    await world.time.advance(100);
    await client.close();
    expect(store.saved.at(-1)?.instances).toHaveLength(4);
  });

  it('do no harm when they cannot be read or written', async () => {
    const world = new FakeWorld(1);
    const store = new Store();
    store.problem = new Error('no disk');
    const client = world.client({ snapshots: store });
    await world.time.finish(client.service('test-service').ready());
    await world.time.advance(2000);
    await client.close();
    expect(world.logger.text('warn').match(/no disk/g)).toHaveLength(2);
  });
});
