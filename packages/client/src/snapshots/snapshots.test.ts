import { anInstance } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeWorld } from '../fake-world.fixture.js';
import { MemorySnapshots } from './memory-snapshots.js';
import type { SnapshotStore } from './snapshot-store.js';

let world: FakeWorld;

beforeEach(() => {
  world = new FakeWorld();
  world.node(1).table.put(anInstance());
});

function allNodes(mode: 'up' | 'down'): void {
  for (const node of world.nodes) node.mode = mode;
}

/** What a client of an earlier run leaves. */
async function fill(snapshots: SnapshotStore): Promise<void> {
  const client = world.client({ snapshots });
  await world.time.finish(client.service('test-service').ready());
  await world.time.finish(client.close());
}

describe('a client with a store for snapshots', () => {
  it('begins with what was known last when no node answers, and goes on with what is', async () => {
    const snapshots = new MemorySnapshots();
    await fill(snapshots);
    allNodes('down');
    const client = world.client({ snapshots });
    const view = client.service('Test-Service');
    await world.time.finish(view.ready());
    expect([view.stale, view.instances]).toEqual([true, [anInstance()]]);
    expect(view.pick()).toEqual(anInstance());
    allNodes('up');
    world.node(1).table.put(anInstance({ port: 9090 }));
    await world.time.advance(60_000);
    expect([view.stale, view.instances]).toEqual([false, [anInstance({ port: 9090 })]]);
    await world.time.finish(client.close());
    expect((await snapshots.load('test-service'))?.instances).toEqual([anInstance({ port: 9090 })]);
  });

  it('believes a node that answers, and not what was known last', async () => {
    const snapshots = new MemorySnapshots();
    await fill(snapshots);
    world.node(1).table.remove(anInstance());
    const client = world.client({ snapshots });
    const view = client.service('test-service');
    await world.time.finish(view.ready());
    expect([view.stale, view.instances]).toEqual([false, []]);
    await world.time.finish(client.close());
  });

  it('goes on without, and says so, when the store fails', async () => {
    const broken: SnapshotStore = {
      load: () => Promise.reject(new Error('no such disk')),
      save: () => Promise.reject(new Error('no such disk')),
    };
    await fill(broken);
    const client = world.client({ snapshots: broken });
    const view = client.service('test-service');
    await world.time.finish(view.ready());
    expect([view.stale, view.instances]).toEqual([false, [anInstance()]]);
    await world.time.finish(client.close());
    const warnings = world.logger.lines.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ message }) => message)).toContain(
      'The last known instances of test-service cannot be read',
    );
    expect(JSON.stringify(warnings)).toContain('no such disk');
  });
});
