import { describe, expect, it } from '@jest/globals';
import { ArtemisError } from '../errors.js';
import type { PeerHandler } from '../traits/cluster.js';
import type { PeerRequest } from '../traits/runtime.js';
import type { AppState } from '../traits/state.js';
import { peerEndpoint } from './peer-endpoint.js';

const ok = { response_status: { error_code: 'success' as const } };
const replication = { 'x-artemis-replication': 'true', 'x-artemis-node': 'node2' };

const pieces = (...texts: readonly string[]): Uint8Array[] => texts.map((text) => Buffer.from(text));

/** The endpoint of a node that writes down what it is asked. */
function endpointOf(changes: Partial<PeerHandler> = {}) {
  const calls: unknown[] = [];
  const note =
    (name: string) =>
    (items: readonly unknown[]): typeof ok => {
      calls.push([name, items]);
      return ok;
    };
  const peers: PeerHandler = {
    admit: () => 'admitted',
    contact: (headers) => void calls.push(['contact', headers['x-artemis-node']]),
    register: async (items) => note('register')(items),
    heartbeat: note('heartbeat'),
    unregister: async (items) => note('unregister')(items),
    services: () => [{ service_id: 'orders', instances: [] }],
    digest: (request) => (
      calls.push(['digest', request]),
      { ...ok, root: '', count: 0, buckets: [], leaves: [] }
    ),
    records: (request) => (calls.push(['records', request]), pieces('{"instances":', '[]}')),
    leaseAges: (request) => (calls.push(['leases', request]), pieces('{"leases":', '[]}')),
    ...changes,
  };
  const state = {
    peers,
    scheduler: { soon: (task: () => void) => (task(), () => undefined) },
    cluster: { node: () => ({ node_id: 'node1', run_id: 'run1' }) },
    clock: { stamp: () => 1234 },
    http: { nodeId: 'node1', maxBodyBytes: 1000 },
  } as unknown as AppState;
  const endpoint = peerEndpoint(state);
  const send = (method: PeerRequest['method'], path: string, body?: unknown, headers = replication) =>
    endpoint({ method, path, headers, timeoutMs: 1, ...(body === undefined ? {} : { body }) });
  return { calls, send };
}

const registry = '/api/replication/registry';

describe('the endpoint of a node for its peers', () => {
  it.each([
    ['register', { instances: [{ a: 1 }] }],
    ['heartbeat', { instance_keys: [{ a: 1 }] }],
    ['unregister', { instance_keys: [{ a: 1 }] }],
  ])('hands %s on, under both paths', async (name, body) => {
    for (const suffix of ['', '.json']) {
      const { calls, send } = endpointOf();
      const answer = await send('POST', `${registry}/${name}${suffix}`, body);
      expect(answer).toMatchObject({ status: 200, body: ok });
      expect(calls).toEqual([
        ['contact', 'node2'],
        [name, [{ a: 1 }]],
      ]);
    }
  });

  it.each([
    ['digest', { path: [''], hashes: ['0'.repeat(256)] }],
    ['records', { limit: 5 }],
    ['leases', { owner: 'node2' }],
  ])('answers what the table holds, by %s', async (name, body) => {
    const { calls, send } = endpointOf();
    expect((await send('POST', `${registry}/${name}.json`, body)).status).toBe(200);
    expect(calls).toEqual([
      ['contact', 'node2'],
      [name, body],
    ]);
    expect((await send('POST', `${registry}/${name}.json`, { limit: 'all' })).status).toBe(422);
  });

  it('answers with the whole table', async () => {
    const { send } = endpointOf();
    const { body } = await send('GET', `${registry}/services.json`);
    expect(body).toEqual({ ...ok, services: [{ service_id: 'orders', instances: [] }] });
  });

  it('answers probes, of nodes and of others', async () => {
    const { calls, send } = endpointOf();
    const answer = await send('GET', '/api/status/node.json');
    expect(answer).toMatchObject({ status: 200, body: { node_id: 'node1', run_id: 'run1' } });
    expect(calls).toEqual([['contact', 'node2']]);
    const headers = {} as typeof replication;
    expect((await send('GET', '/api/status/node.json', undefined, headers)).status).toBe(200);
    expect(calls).toHaveLength(1);
  });

  it('tells its name and its clock with every answer, a refusal too', async () => {
    const { send } = endpointOf({ admit: () => 'not-replication' });
    for (const path of [`${registry}/register.json`, '/api/status/node.json', '/elsewhere']) {
      const { headers } = await send('POST', path, { instances: [] });
      expect(headers).toMatchObject({ 'x-artemis-node': 'node1', 'x-artemis-clock': '1234' });
    }
  });

  it('refuses who does not replicate with an empty 400, and who has no secret with 401', async () => {
    const stranger = endpointOf({ admit: () => 'not-replication' });
    expect(await stranger.send('GET', `${registry}/services.json`)).toMatchObject({
      status: 400,
      body: undefined,
    });
    const { calls, send } = endpointOf({ admit: () => 'unauthorized' });
    const answer = await send('POST', `${registry}/register.json`, { instances: [] });
    expect(answer).toMatchObject({ status: 401, body: { response_status: { error_code: 'no-permission' } } });
    expect(calls).toEqual([]);
  });

  it.each([
    ['no object', [], 'body: '],
    ['a missing list', {}, 'instances: '],
    ['a list that is none', { instances: {} }, 'instances: '],
    ['an item that is no object', { instances: [{}, 7] }, 'instances[1]: '],
  ])('refuses a wrong envelope with 422: %s', async (_name, body, start) => {
    const { calls, send } = endpointOf();
    const answer = await send('POST', `${registry}/register.json`, body);
    expect(answer.status).toBe(422);
    const { response_status: status } = answer.body as { response_status: Record<string, string> };
    expect(status['error_code']).toBe('bad-request');
    expect(status['error_message']?.startsWith(start)).toBe(true);
    expect(calls).toEqual([['contact', 'node2']]);
  });

  it.each([
    [404, 'GET', '/api/elsewhere', undefined],
    [405, 'GET', `${registry}/register.json`, undefined],
    [413, 'POST', `${registry}/register.json`, { instances: [{ text: 'x'.repeat(1000) }] }],
    [415, 'POST', `${registry}/register.json`, undefined],
  ] as const)('answers %d to %s %s', async (status, method, path, body) => {
    expect((await endpointOf().send(method, path, body)).status).toBe(status);
  });

  it('answers an ArtemisError as it stands, with the time to wait', async () => {
    const { send } = endpointOf({
      register: () => Promise.reject(new ArtemisError('unavailable', 'draining', { retryAfterSecs: 2.5 })),
    });
    expect(await send('POST', `${registry}/register.json`, { instances: [] })).toMatchObject({
      status: 503,
      headers: { 'retry-after': '3' },
      body: { response_status: { error_code: 'service-unavailable', error_message: 'draining' } },
    });
  });

  it('does not hide a defect behind a status', async () => {
    const { send } = endpointOf({
      heartbeat: () => {
        throw new TypeError('x is undefined');
      },
    });
    await expect(send('POST', `${registry}/heartbeat.json`, { instance_keys: [] })).rejects.toThrow(
      TypeError,
    );
  });
});
