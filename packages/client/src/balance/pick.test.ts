import { anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { FakeWorld } from '../fake-world.fixture.js';
import { tally } from './instances.fixture.js';

describe('a view', () => {
  it('picks near ones that are up and do not fail, and remembers uses, while instances change', async () => {
    const world = new FakeWorld();
    const zones = { near: 'zone1', beside: 'zone1', far: 'zone2' };
    for (const [id, zone] of Object.entries(zones)) {
      world.node(1).table.put(anInstance({ instance_id: id, zone_id: zone, url: `http://${id}:1` }));
    }
    const client = world.client();
    const view = client.service('test-service');
    await world.time.finish(view.ready());
    const picked = (options = {}) => [...tally(40, () => view.pick(options)).keys()].sort();
    expect(picked()).toEqual(['beside', 'near']);
    expect(picked({ strategy: 'random', sameZoneFirst: false })).toEqual(['beside', 'far', 'near']);
    expect(picked({ key: 'k' })).toHaveLength(1);

    const near = view.instances.find(({ instance_id: id }) => id === 'near') ?? anInstance();
    const use = view.use(near);
    expect(picked({ strategy: 'least-used' })).toEqual(['beside']);
    world.node(1).table.put({ ...near, metadata: { changed: 'yes' } });
    await world.time.advance(100);
    expect(picked({ strategy: 'least-used' })).toEqual(['beside']);
    use[Symbol.dispose]();
    expect(picked({ strategy: 'least-used' })).toEqual(['beside', 'near']);

    view.report(near, 'failure');
    expect(picked()).toEqual(['beside']);
    await world.time.advance(1000);
    expect(picked()).toEqual(['beside', 'near']);

    world.node(1).table.put({ ...near, status: 'down' });
    world.node(1).table.remove(anInstance({ instance_id: 'beside', zone_id: 'zone1' }));
    await world.time.advance(100);
    expect(picked()).toEqual(['far']);
    await world.time.finish(client.close());
  });
});
