import { describe, expect, it } from '@jest/globals';
import { inject, start, type Injected } from '../inject.fixture.js';
import { explanation, instanceKey, nodeStatus, noLeases, ok, type Overrides } from '../state.fixture.js';

async function call(request: Injected, overrides?: Overrides) {
  const { app, calls } = start(overrides);
  return { ...(await inject(app, request)), asked: calls.filter(([name]) => name !== 'take') };
}

describe('status pages', () => {
  it.each([
    ['/api/status/node.json', nodeStatus],
    ['/api/status/cluster.json', { self: nodeStatus, peers: [] }],
    ['/api/status/leases.json', noLeases],
  ])('answer %s to GET and POST, whatever the body', async (path, expected) => {
    const answers = await Promise.all([
      call({ path }),
      call({ path, method: 'POST' }),
      call({ path, body: 'no JSON' }),
      call({ path, headers: { 'Content-Encoding': 'br' }, body: Buffer.alloc(2_000_000) }),
    ]);
    for (const answer of answers) expect([answer.status, answer.json()]).toEqual([200, expected]);
  });

  it('answer the configuration to GET only', async () => {
    const path = '/api/status/config.json';
    expect((await call({ path })).json()).toEqual({
      config: [{ key: 'server.node_id', value: 'node1', source: 'file' }],
    });
    expect((await call({ path, body: {} })).status).toBe(405);
  });

  it('explain one instance, by its key', async () => {
    const path =
      '/api/status/explain.json?region_id=local&zone_id=zone1&service_id=test-service&instance_id=inst-1';
    const answer = await call({ path });
    expect([answer.json(), answer.asked]).toEqual([explanation, [['explain', instanceKey]]]);
    expect((await call({ path: `${path}&group_id=blue` })).asked).toEqual([
      ['explain', { ...instanceKey, group_id: 'blue' }],
    ]);
    const unnamed = await call({ path: '/api/status/explain.json?service_id=a' });
    expect([unnamed.status, unnamed.asked]).toEqual([400, []]);
    expect((await call({ path, body: {} })).status).toBe(405);
  });

  it('pick leases by query, on POST too', async () => {
    const path = '/api/status/leases.json?service_id=a&limit=5&cursor=c';
    const asked = [['leases', { serviceId: 'a', limit: 5, cursor: 'c' }]];
    expect((await call({ path })).asked).toEqual(asked);
    expect((await call({ path, method: 'POST' })).asked).toEqual(asked);
    expect((await call({ path: '/api/status/leases.json' })).asked).toEqual([['leases', {}]]);
  });

  it('answer 400 to a parameter that is wrong, and name it', async () => {
    const answer = await call({ path: '/api/status/leases.json?limit=0' });
    expect([answer.status, answer.asked]).toEqual([400, []]);
    expect(answer.json()).toEqual({
      response_status: { error_code: 'bad-request', error_message: 'limit: expected 1 to 9999' },
    });
  });
});

describe('the lists of nodes', () => {
  it('are answered to POST with any body or none', async () => {
    const nodes = [{ zone: { region_id: 'local', zone_id: 'zone1' }, url: 'http://127.0.0.1:8080' }];
    const overrides: Overrides = { cluster: { upNodes: () => ({ response_status: ok, nodes }) } };
    for (const path of ['/api/cluster/up-registry-nodes.json', '/api/cluster/up-discovery-nodes']) {
      for (const request of [
        { path, method: 'POST' },
        { path, body: {} },
      ]) {
        expect((await call(request, overrides)).json()).toEqual({ response_status: ok, nodes });
      }
      expect((await call({ path })).status).toBe(405);
    }
  });
});
