import { describe, expect, it } from '@jest/globals';
import type { ServiceListRequest } from '@artemis/core';
import { serviceListResponseSchema } from '@artemis/core';
import { DiscoveryTable, filled, instanceAt } from './table.fixture.js';

const success = { error_code: 'success' };

describe('DiscoveryService.services', () => {
  const ids = (table: DiscoveryTable, request: ServiceListRequest): string[] => {
    const answer = serviceListResponseSchema.parse(table.discovery.services(request));
    expect(answer).toMatchObject({ response_status: success, log_id: 'node1#run' });
    return answer.services.map(({ service_id }) => service_id);
  };

  it('lists services by lower-case id, with their instances that are up', () => {
    const { discovery } = filled();
    expect(discovery.services({})).toEqual({
      response_status: success,
      services: [
        { service_id: 'Billing', instances: [] },
        { service_id: 'orders', instances: [instanceAt('eu/z1/a'), instanceAt('eu/z2/b')] },
        { service_id: 'Users', instances: [instanceAt('us/z1/c', { service_id: 'Users' })] },
      ],
      revision: 4,
      log_id: 'node1#run',
    });
  });

  it('leaves out a service without registered instances', () => {
    const table = filled();
    table.unregister(instanceAt('us/z1/c', { service_id: 'Users' }));
    expect(ids(table, {})).toEqual(['Billing', 'orders']);
  });

  it('lists names only', () => {
    expect(filled().discovery.services({ fields: 'names', prefix: 'o' }).services).toEqual([
      { service_id: 'orders' },
    ]);
  });

  it('spells names as whole answers do, whoever came last and whoever left', () => {
    const table = filled();
    const spelt = () =>
      (['names', 'all'] as const).map((fields) => {
        const { services } = table.discovery.services({ fields, prefix: 'o' });
        return services.map(({ service_id: id }) => id);
      });
    const another = instanceAt('us/z9/last', { service_id: 'ORDERS' });
    table.register(another);
    expect(spelt()).toEqual([['orders'], ['orders']]);
    const first = instanceAt('aa/z1/first', { service_id: 'Orders' });
    table.register(first);
    expect(spelt()).toEqual([['Orders'], ['Orders']]);
    table.unregister(first);
    table.unregister(another);
    expect(spelt()).toEqual([['orders'], ['orders']]);
  });

  it('takes a prefix without regard to case', () => {
    expect(ids(filled(), { prefix: 'uS' })).toEqual(['Users']);
  });

  it('lists the services of a region or zone, their nearest instances first and the others too', () => {
    const table = filled();
    expect(ids(table, { region_id: 'us' })).toEqual(['Billing', 'Users']);
    expect(ids(table, { region_id: 'eu', zone_id: 'z1' })).toEqual(['orders']);
    expect(ids(table, { region_id: 'us', zone_id: 'z2' })).toEqual([]);
    const { services } = table.discovery.services({ region_id: 'eu', zone_id: 'z2' });
    expect(services[0]?.instances?.map(({ instance_id }) => instance_id)).toEqual(['b', 'a']);
  });

  it.each([
    [{}, ['billing', 'orders', 'users']],
    [{ region_id: 'us' }, ['billing', 'users']],
  ])('gives all of %j page by page, with a cursor while there is more', (place, expected) => {
    const table = new DiscoveryTable();
    for (const service_id of ['users', 'billing']) table.register(instanceAt('us/z1/a', { service_id }));
    table.register(instanceAt('eu/z1/a'));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = table.discovery.services({
        ...place,
        limit: 1,
        ...(cursor === undefined ? {} : { cursor }),
      });
      expect(page.services).toHaveLength(1);
      seen.push(...page.services.map(({ service_id }) => service_id));
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(expected);
  });
});
