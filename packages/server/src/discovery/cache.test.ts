import { describe, expect, it } from '@jest/globals';
import { DiscoveryTable, instanceAt } from './table.fixture.js';

const orders = { service_id: 'orders' };

function tableOf(cache: { enabled: boolean; expiryMs: number }): DiscoveryTable {
  const table = new DiscoveryTable({ cache });
  table.register(instanceAt('eu/z1/a'), instanceAt('eu/z1/b', { service_id: 'users' }));
  return table;
}

describe('prepared answers', () => {
  it('are the same object until the service changes, whatever becomes of other services', () => {
    const table = tableOf({ enabled: true, expiryMs: 1000 });
    const first = table.discovery.service(orders);
    table.register(instanceAt('eu/z1/c', { service_id: 'users' }));
    const second = table.discovery.service({ service_id: 'ORDERS', region_id: null });
    expect(second).toBe(first);
    table.register(instanceAt('eu/z2/d', { service_id: 'Orders' }));
    expect(table.discovery.service(orders).response.service?.instances).toHaveLength(2);
  });

  it('stay when content does not change', () => {
    const table = tableOf({ enabled: true, expiryMs: 1000 });
    const first = table.discovery.service(orders);
    table.register(instanceAt('eu/z1/a'));
    expect(table.discovery.service(orders)).toBe(first);
  });

  it('are kept for each place and status', () => {
    const table = tableOf({ enabled: true, expiryMs: 1000 });
    const here = { ...orders, region_id: 'eu' };
    expect(table.discovery.service(here)).toBe(table.discovery.service(here));
    expect(table.discovery.service(here)).not.toBe(table.discovery.service(orders));
  });

  it('are not those of a service of the same name that was forgotten', () => {
    const table = tableOf({ enabled: true, expiryMs: 1000 });
    const gone = instanceAt('eu/z1/a');
    table.unregister(gone);
    const before = table.discovery.service(orders);
    expect(before.response).toMatchObject({ revision: 3, service: { instances: [] } });
    table.forget(gone);
    // A tombstone that no watcher sees makes the service known again.
    table.unregister(gone);
    expect(table.discovery.service(orders).response.revision).toBe(0);
  });

  it('cache.enabled = false: are prepared each time', () => {
    const table = tableOf({ enabled: false, expiryMs: 1000 });
    const first = table.discovery.service(orders);
    const second = table.discovery.service(orders);
    expect(second).not.toBe(first);
    expect(second.response).toEqual(first.response);
  });

  it('cache.expiry_secs: are dropped when unused so long', () => {
    const table = tableOf({ enabled: true, expiryMs: 1000 });
    const used = table.discovery.service(orders);
    const unused = table.discovery.service({ service_id: 'users' });
    table.nowMs = 600;
    expect(table.discovery.service(orders)).toBe(used);
    table.nowMs = 1000;
    table.discovery.sweep(table.nowMs);
    expect(table.discovery.service(orders)).toBe(used);
    expect(table.discovery.service({ service_id: 'users' })).not.toBe(unused);
    table.nowMs = 1999;
    table.discovery.sweep(table.nowMs);
    expect(table.discovery.service(orders)).toBe(used);
    table.nowMs = 2999;
    table.discovery.sweep(table.nowMs);
    expect(table.discovery.service(orders)).not.toBe(used);
  });

  it('are kept for so many variants of a service, those used last', () => {
    const table = tableOf({ enabled: true, expiryMs: 1000 });
    const ask = (region: number) => {
      table.nowMs += 1;
      return table.discovery.service({ ...orders, region_id: `region ${region}` });
    };
    const [first, second] = [ask(0), ask(1)];
    for (let region = 2; region < 16; region += 1) ask(region);
    expect(ask(0)).toBe(first);
    ask(16);
    expect(ask(0)).toBe(first);
    expect(ask(1)).not.toBe(second);
  });
});
