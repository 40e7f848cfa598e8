import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import type { ReplicaService } from '@artemis/core';
import { describe, expect, it, jest } from '@jest/globals';
import { createApp } from '../app.js';
import { connect, inject, start, type Injected } from '../inject.fixture.js';
import { fakeNode, instance, instanceKey, ok, type Overrides } from '../state.fixture.js';

const base = '/api/replication/registry';
const routes = ['register', 'heartbeat', 'unregister', 'services', 'digest', 'records', 'leases'];

async function call(request: Injected, overrides?: Overrides) {
  const { app, calls, log } = start(overrides);
  return { ...(await inject(app, request)), calls, log };
}

describe('admission', () => {
  const broken = { headers: { 'X-Artemis-Node': 'node2', 'Content-Type': 'text/plain' }, body: 'not read' };
  const requestTo = (route: string) => (route === 'services' ? { headers: broken.headers } : broken);

  it.each(routes)(
    'answers %s without the header with 400 and an empty body, before anything else',
    async (route) => {
      const answer = await call(
        { path: `${base}/${route}.json`, ...requestTo(route) },
        { peers: { admit: () => 'not-replication' } },
      );
      expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([400, '', undefined]);
      expect(answer.calls).toEqual([]);
      const wrongMethod = await call(
        { method: 'PUT', path: `${base}/${route}` },
        { peers: { admit: () => 'not-replication' } },
      );
      expect([wrongMethod.status, wrongMethod.text]).toEqual([400, '']);
    },
  );

  it.each(routes)('answers %s without the secret with 401', async (route) => {
    const answer = await call(
      { path: `${base}/${route}.json`, ...requestTo(route) },
      { peers: { admit: () => 'unauthorized' } },
    );
    expect(answer.status).toBe(401);
    expect(answer.json()).toMatchObject({ response_status: { error_code: 'no-permission' } });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.calls).toEqual([]);
  });

  it('is decided by the headers of the request', async () => {
    const seen: unknown[] = [];
    await call(
      {
        path: `${base}/services.json`,
        headers: { 'X-Artemis-Replication': 'true', Authorization: 'Bearer s' },
      },
      {
        peers: {
          admit: (headers) => (
            seen.push(headers['x-artemis-replication'], headers['authorization']),
            'admitted'
          ),
        },
      },
    );
    // Each of the two ways in asks once.
    expect(seen).toEqual(['true', 'Bearer s', 'true', 'Bearer s']);
  });
});

describe('contact', () => {
  const from = { headers: { 'X-Artemis-Node': 'node2' } };

  it('is told of each admitted request of a peer, and of its probes', async () => {
    expect((await call({ path: `${base}/services.json`, ...from })).calls).toEqual([['contact', 'node2']]);
    expect((await call({ path: '/api/status/node.json', ...from })).calls).toEqual([['contact', 'node2']]);
    expect((await call({ path: '/api/status/node', ...from })).calls).toEqual([['contact', 'node2']]);
  });

  it('is not told of anything else', async () => {
    expect((await call({ path: `${base}/services.json` })).calls).toEqual([]);
    expect((await call({ method: 'POST', path: '/api/status/node.json', ...from })).calls).toEqual([]);
    expect((await call({ path: '/health', ...from })).calls).toEqual([]);
    expect(
      (await call({ path: '/api/discovery/services.json', ...from })).calls.map(([name]) => name),
    ).toEqual(['take', 'services']);
  });
});

describe('requests of peers', () => {
  it('are handed on item by item as they came', async () => {
    const plain = { instances: [instance, { ...instance, replica: 'nonsense' }] };
    expect((await call({ path: `${base}/register.json`, body: plain })).calls).toEqual([
      ['replicaRegister', plain.instances],
    ]);
    const keys = {
      instance_keys: [instanceKey, { ...instanceKey, version: [1, 'node2#a', 0, 'node2'], age_ms: 5 }],
    };
    expect((await call({ path: `${base}/heartbeat.json`, body: keys })).calls).toEqual([
      ['replicaHeartbeat', keys.instance_keys],
    ]);
    const unregister = await call({ path: `${base}/unregister.json`, body: keys });
    expect(unregister.calls).toEqual([['replicaUnregister', keys.instance_keys]]);
    expect(unregister.json()).toEqual({ response_status: ok });
  });

  it('are checked for their envelope like those of clients', async () => {
    expect((await call({ path: `${base}/register.json`, body: {} })).status).toBe(422);
    expect((await call({ path: `${base}/heartbeat.json`, body: { instance_keys: [1] } })).status).toBe(422);
    const malformed = await call({
      path: `${base}/register.json`,
      headers: { 'Content-Type': 'application/json' },
      body: '{',
    });
    expect([malformed.status, malformed.text === '']).toEqual([400, false]);
  });
});

describe('requests for what a node holds', () => {
  const digest = { path: ['', 'a1f'], hashes: ['0'.repeat(256), 'f'.repeat(256)] };

  it.each([
    ['digest', digest, 'replicaDigest'],
    ['records', { keys: [instanceKey] }, 'replicaRecords'],
    ['records', { cursor: '3f1c', limit: 10 }, 'replicaRecords'],
    ['leases', { owner: 'node2' }, 'replicaLeases'],
  ])('for %s are handed on (%#)', async (route, body, name) => {
    const answer = await call({ path: `${base}/${route}.json`, body });
    expect([answer.status, answer.calls]).toEqual([200, [[name, body]]]);
  });

  it.each([
    ['digest', {}],
    ['digest', { ...digest, path: [''] }],
    ['digest', { path: ['xyz', ''], hashes: digest.hashes }],
    ['digest', { path: Array(2000).fill(''), hashes: Array(2000).fill(digest.hashes[0]) }],
    ['records', { keys: [{ service_id: 'a' }] }],
    ['records', { limit: 1_000_000 }],
    ['leases', {}],
    ['leases', { owner: 'a', keys: 'all' }],
  ])('for %s are refused with 422 when they have a wrong shape (%#)', async (route, body) => {
    const answer = await call({ path: `${base}/${route}.json`, body });
    expect([answer.status, answer.calls]).toEqual([422, []]);
  });
});

describe('the whole table', () => {
  const soon = (task: () => void) => (queueMicrotask(task), () => undefined);

  const path = `${base}/services.json`;

  it('is one JSON document, empty or not', async () => {
    expect((await call({ path })).json()).toEqual({ response_status: ok, services: [] });
    const services = ['a', 'b', 'c'].map((id): ReplicaService => ({ service_id: id, instances: [] }));
    const answer = await call({ path }, { peers: { services: () => services } });
    expect(answer.json()).toEqual({ response_status: ok, services });
    expect(answer.headers).not.toHaveProperty('content-length');
  });

  it('is not made for HEAD', async () => {
    let asked = 0;
    function* counted(): Generator<ReplicaService> {
      asked += 1;
      yield { service_id: 'a', instances: [] };
    }
    const answer = await call({ method: 'HEAD', path }, { peers: { services: counted } });
    expect([answer.status, answer.text, asked]).toEqual([200, '', 0]);
  });

  it('is made no faster than it is read', async () => {
    let made = 0;
    function* long(): Generator<ReplicaService> {
      while (made < 5_000) yield { service_id: `${(made += 1)}`.padEnd(1_000), instances: [] };
    }
    let seen: (status: number) => void = () => undefined;
    const status = new Promise<number>((resolve) => (seen = resolve));
    const { state } = fakeNode({
      peers: { services: long },
      metrics: { observe: (request) => seen(request.status) },
      scheduler: { soon },
    });
    const { near, far } = connect(createApp(state));
    near.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await new Promise((resolve) => near.once('readable', resolve));
    // Nobody reads on: a hundred turns make no more than fits into the buffers on the way.
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(400);
    far.destroy();
    expect(await status).toBe(499);
    const whenLeft = made;
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    expect(made).toBe(whenLeft);
  });

  it('that breaks off midway is cut, so that nobody takes it for whole, and logged', async () => {
    function* failing(): Generator<ReplicaService> {
      yield { service_id: 'a'.repeat(100_000), instances: [] };
      throw new Error('table broke');
    }
    const { state, log } = fakeNode({ peers: { services: failing }, scheduler: { soon } });
    await expect(inject(createApp(state), { path })).rejects.toThrow('aborted');
    expect(log.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('is sent compressed without a listener more for each time that it has to wait', async () => {
    const on = jest.spyOn(Readable.prototype, 'on');
    const services = Array.from({ length: 400 }, (_, number): ReplicaService => {
      return { service_id: `${number}`.padEnd(5_000), instances: [] };
    });
    const answer = await call(
      { path, headers: { 'Accept-Encoding': 'gzip' } },
      { peers: { services: () => services }, scheduler: { soon } },
    );
    const waits = on.mock.calls.filter(([event]) => String(event) === 'drain');
    on.mockRestore();
    const table = JSON.parse(gunzipSync(answer.bytes).toString()) as { services: unknown };
    expect(table.services).toEqual(services);
    // A few for each of the two that answer, where each waits some thirty times.
    expect(waits.length).toBeLessThan(10);
  });
});
