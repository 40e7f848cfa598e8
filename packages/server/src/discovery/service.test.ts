import { describe, expect, it } from '@jest/globals';
import type { LookupRequest, Random } from '@artemis/core';
import { keyOf, discoverServiceResponseSchema, lookupResponseSchema } from '@artemis/core';
import { DiscoveryTable, filled, instanceAt } from './table.fixture.js';

const success = { error_code: 'success' };

describe('DiscoveryService.service', () => {
  it('answers the instances, the revision of the service and an ETag', () => {
    const answer = filled().discovery.service({ service_id: 'orders', region_id: 'eu', zone_id: 'z2' });
    expect(answer.response).toEqual({
      response_status: success,
      service: { service_id: 'orders', instances: [instanceAt('eu/z2/b'), instanceAt('eu/z1/a')] },
      revision: 2,
      log_id: 'node1#run',
    });
    expect(JSON.parse(answer.text())).toEqual(discoverServiceResponseSchema.parse(answer.response));
    expect(answer.etag).toBe('"node1#run-2"');
  });

  it('compares ids without regard to case and echoes them as registered', () => {
    const { discovery } = filled();
    expect(discovery.service({ service_id: 'uSERS' }).response.service?.service_id).toBe('Users');
  });

  it('spells the id as the first listed instance does, whichever came last', () => {
    const table = filled();
    table.register(instanceAt('us/z1/x', { service_id: 'ORDERS' }));
    const spelt = (region_id: string) =>
      table.discovery.service({ service_id: 'orders', region_id }).response.service?.service_id;
    expect([spelt('eu'), spelt('us')]).toEqual(['orders', 'ORDERS']);
  });

  it('answers an empty list for a service that has nothing to offer', () => {
    const table = filled();
    expect(table.discovery.service({ service_id: 'billing' }).response).toMatchObject({
      response_status: success,
      service: { service_id: 'Billing', instances: [] },
    });
    table.unregister(instanceAt('us/z1/c', { service_id: 'Users' }));
    expect(table.discovery.service({ service_id: 'users' }).response).toMatchObject({
      response_status: success,
      service: { service_id: 'Users', instances: [] },
      revision: 5,
    });
  });

  it('says that a service is unknown, with the position of the log and no ETag', () => {
    const answer = filled().discovery.service({ service_id: 'Nobody' });
    expect(answer.response).toEqual({
      response_status: { error_code: 'bad-request', error_message: 'unknown service Nobody' },
      revision: 4,
      log_id: 'node1#run',
    });
    expect(answer.etag).toBeUndefined();
  });

  it('refuses a scope without its place', () => {
    const config = { service_id: 'orders', discovery_data: { scope: 'zone' } } as const;
    expect(filled().discovery.service(config).response.response_status).toEqual({
      error_code: 'bad-request',
      error_message: 'discovery_config.discovery_data.scope: "zone" needs a zone_id',
    });
  });
});

describe('what the node doubts', () => {
  const key = keyOf(instanceAt('eu/z1/a'));
  const orders = { service_id: 'orders' };
  const listed = (table: DiscoveryTable) =>
    table.discovery
      .service(orders)
      .response.service?.instances.map(({ instance_id: id, unconfirmed }) => (unconfirmed ? `${id}?` : id));

  it('is shown as it is now, whatever was answered before, under another ETag', () => {
    const table = filled();
    const before = table.discovery.service(orders);
    table.repository.show(key, 'unconfirmed');
    expect(listed(table)).toEqual(['b', 'a?']);
    expect(table.discovery.service(orders).etag).toBe('"node1#run-5"');
    table.repository.show(key, 'hidden');
    expect(listed(table)).toEqual(['b']);
    table.repository.show(key, 'listed');
    expect(listed(table)).toEqual(['a', 'b']);
    expect(table.discovery.service(orders).etag).not.toBe(before.etag);
  });

  it('keeps a service out of the list when all of it is hidden', () => {
    const table = filled();
    table.repository.show(keyOf(instanceAt('us/z1/c', { service_id: 'Users' })), 'hidden');
    expect(table.discovery.services({}).services.map(({ service_id: id }) => id)).toEqual([
      'Billing',
      'orders',
    ]);
  });

  it('leaves out what expiry has not come to yet, and keeps no such answer', () => {
    let ended: ReadonlySet<string> | undefined;
    const table = new DiscoveryTable({ ended: () => ended });
    table.register(instanceAt('eu/z1/a'), instanceAt('eu/z2/b'));
    expect(listed(table)).toEqual(['a', 'b']);
    ended = new Set([key]);
    expect([listed(table), table.discovery.service(orders).etag]).toEqual([['b'], undefined]);
    ended = undefined;
    expect(listed(table)).toEqual(['a', 'b']);
  });
});

describe('DiscoveryService.lookup', () => {
  const asked = (request: LookupRequest, random?: Random) => {
    return lookupResponseSchema.parse(filled(random).discovery.lookup(request));
  };

  it('answers one service per config, in order', () => {
    const { services, ...rest } = asked({
      discovery_configs: [{ service_id: 'users' }, { service_id: 'orders', zone_id: 'z2' }],
    });
    expect(services?.map(({ service_id, instances }) => [service_id, instances[0]?.instance_id])).toEqual([
      ['Users', 'c'],
      ['orders', 'b'],
    ]);
    expect(rest).toEqual({ response_status: success, revision: 4, log_id: 'node1#run' });
  });

  it('answers the known ones also when others are unknown, and names these', () => {
    const { services, response_status } = asked({
      discovery_configs: [
        { service_id: 'Nobody' },
        { service_id: 'users' },
        { service_id: 'users', discovery_data: { scope: 'region' } },
      ],
    });
    expect(services?.map(({ service_id, instances }) => [service_id, instances.length])).toEqual([
      ['Nobody', 0],
      ['Users', 1],
      ['users', 0],
    ]);
    expect(response_status).toEqual({
      error_code: 'bad-request',
      error_message:
        'unknown service Nobody; discovery_configs[2].discovery_data.scope: "region" needs a region_id',
    });
  });

  it('names only some of many unknown services', () => {
    const discovery_configs = Array.from({ length: 14 }, (_, n) => ({ service_id: `s${n}` }));
    const { response_status } = asked({ discovery_configs });
    expect(response_status.error_message).toMatch(/^unknown service s0; .*unknown service s9; and 4 more$/);
  });

  it.each<[request: LookupRequest, message: string]>([
    [{}, 'discovery_configs: expected at least one'],
    [{ discovery_configs: [] }, 'discovery_configs: expected at least one'],
    [{ discovery_configs: null, discovery_config: null }, 'discovery_configs: expected at least one'],
    [
      { discovery_configs: [], discovery_config: { service_id: 'orders' } },
      'discovery_config, discovery_configs: give one of the two',
    ],
    [
      { discovery_configs: [{ service_id: 'orders' }, { service_id: 'users' }], strategy: 'random' },
      'strategy: needs a single discovery_config',
    ],
  ])('refuses %j', (request, message) => {
    expect(asked(request)).toEqual({
      response_status: { error_code: 'bad-request', error_message: message },
      revision: 4,
      log_id: 'node1#run',
    });
  });

  it.each<LookupRequest>([
    { discovery_config: { service_id: 'orders' }, strategy: 'random' },
    { discovery_configs: [{ service_id: 'orders' }], strategy: 'random' },
  ])('chooses one instance for %j', (request) => {
    expect(asked(request, { next: () => 0.9, id: () => '' })).toEqual({
      response_status: success,
      instance: instanceAt('eu/z2/b'),
      revision: 4,
      log_id: 'node1#run',
    });
  });

  it('goes round for each service and place', () => {
    const { discovery } = filled();
    const next = (region_id?: string) =>
      discovery.lookup({
        discovery_config: { service_id: 'orders', ...(region_id === undefined ? {} : { region_id }) },
        strategy: 'round-robin',
      }).instance?.instance_id;
    expect([next(), next(), next('eu'), next()]).toEqual(['a', 'b', 'a', 'a']);
  });

  it('chooses nothing where nothing is offered, and nothing of an unknown service', () => {
    const billing = asked({ discovery_config: { service_id: 'billing' }, strategy: 'weighted' });
    expect(billing).toEqual({ response_status: success, revision: 4, log_id: 'node1#run' });
    const nobody = asked({ discovery_config: { service_id: 'nobody' }, strategy: 'weighted' });
    expect(nobody.response_status.error_code).toBe('bad-request');
    expect(nobody).not.toHaveProperty('instance');
  });
});
