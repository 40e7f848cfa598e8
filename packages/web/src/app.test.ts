import { gunzipSync } from 'node:zlib';
import { apiRoutes, openApiDocument, pathsOf, type ApiRoute } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import { servedRoutes } from './app.js';
import { expressApp } from './express-app.js';
import { inject, start, type Answer } from './inject.fixture.js';
import { instance, ok, prepared } from './state.fixture.js';

const register = '/api/registry/register.json';
const service = '/api/discovery/service.json?service_id=test-service';

function express(): Express {
  const { state } = start();
  return expressApp(state, servedRoutes(state).values());
}

/** Express keeps its routes in a stack that its types do not show. */
interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

function mountedRoutes(app: Express): { path: string; methods: string[] }[] {
  const layers = (app.router as unknown as { stack: Layer[] }).stack;
  return layers.flatMap(({ route }) => {
    if (route === undefined) return [];
    const methods = Object.keys(route.methods).filter((method) => method !== '_all');
    return [{ path: route.path, methods: methods.map((method) => method.toUpperCase()).sort() }];
  });
}

describe('the routes', () => {
  const routes = Object.values<ApiRoute>(apiRoutes);

  it('are those of the route table, under both of their paths', () => {
    const expected = routes.flatMap((row) =>
      pathsOf(row).map((path) => ({ path, methods: [...row.methods].sort() })),
    );
    expect(mountedRoutes(express())).toEqual(expected);
  });

  it('are those of the OpenAPI document', () => {
    const { paths } = openApiDocument({ version: '1' }) as { paths: Record<string, object> };
    const documented = Object.entries(paths).map(([path, item]) => ({
      path,
      methods: Object.keys(item)
        .map((method) => method.toUpperCase())
        .sort(),
    }));
    const aliases = new Set(routes.filter((row) => row.json).map((row) => row.path));
    expect(mountedRoutes(express()).filter(({ path }) => !aliases.has(path))).toEqual(documented);
  });

  it('answer alike with and without .json', async () => {
    const { app, calls } = start();
    for (const path of [register, '/api/registry/register']) {
      const answer = await inject(app, { path, body: { instances: [instance] } });
      expect([answer.status, answer.json()]).toEqual([200, { response_status: ok }]);
    }
    expect(calls.filter(([name]) => name === 'register')).toHaveLength(2);
  });

  it.each([
    '/nothing',
    '/API/registry/register.json',
    '/api/registry/Register.json',
    '/api/registry/register.json/',
    '/api/registry/register/',
    '/api/registry/register.JSON',
    '/health.json',
    '/openapi',
    '/%zz',
  ])('leave %s unknown', async (path) => {
    const { app, observed } = start();
    const answer = await inject(app, { path, method: 'POST', body: { instances: [] } });
    expect(answer.status).toBe(404);
    expect(answer.json()).toMatchObject({ response_status: { error_code: 'data-not-found' } });
    expect(observed).toMatchObject([{ route: 'unmatched', status: 404 }]);
  });
});

describe('methods', () => {
  it('refuses others with 405 and Allow', async () => {
    const { app, calls } = start();
    for (const [method, path, allow] of [
      ['GET', register, 'POST, OPTIONS'],
      ['PUT', '/api/discovery/service', 'GET, HEAD, POST, OPTIONS'],
      ['POST', '/health', 'GET, HEAD, OPTIONS'],
      ['DELETE', '/api/status/config.json', 'GET, HEAD, OPTIONS'],
    ] as const) {
      const answer = await inject(app, { method, path });
      expect([path, answer.status, answer.headers.allow]).toEqual([path, 405, allow]);
      expect(answer.json()).toMatchObject({ response_status: { error_code: 'bad-request' } });
    }
    expect(calls.some(([name]) => name !== 'take')).toBe(false);
  });

  it('answers HEAD where it answers GET, without a body', async () => {
    const { app } = start();
    const get = await inject(app, { path: service });
    const head = await inject(app, { method: 'HEAD', path: service });
    expect([head.status, head.text, head.headers.etag]).toEqual([200, '', get.headers.etag]);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect((await inject(app, { method: 'HEAD', path: register })).status).toBe(405);
    const table = await inject(app, { method: 'HEAD', path: '/api/replication/registry/services.json' });
    expect([table.status, table.text]).toEqual([200, '']);
  });

  it('answers OPTIONS with what a path serves', async () => {
    const answer = await inject(start().app, { method: 'OPTIONS', path: register });
    expect([answer.status, answer.headers.allow, answer.text]).toEqual([204, 'POST, OPTIONS', '']);
  });
});

describe('every answer', () => {
  it('names the node and its clock, failures too, and asks to be checked again', async () => {
    const { app } = start({
      peers: { admit: (headers) => (headers['x-admit'] ? 'unauthorized' : 'not-replication') },
    });
    const peer = '/api/replication/registry/services.json';
    const requests = [
      { path: '/health' },
      { path: '/nothing' },
      { path: register },
      { path: register, method: 'OPTIONS' },
      { path: register, body: 'x' },
      { path: service, headers: { 'If-None-Match': '*' } },
      { path: peer },
      { path: peer, headers: { 'X-Admit': '1' } },
    ];
    const answers: Answer[] = [];
    for (const request of requests) answers.push(await inject(app, request));
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 405, 204, 415, 304, 400, 401]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'x-artemis-node': 'node1',
        'x-artemis-clock': '1234',
        'cache-control': 'no-cache',
      });
      expect(headers).not.toHaveProperty('x-powered-by');
    }
  });

  it('carries a clock that is not older than what the request wrote', async () => {
    let stamp = 1;
    const { app } = start({
      clock: { stamp: () => stamp },
      registry: { register: async () => ((stamp = 99), { response_status: ok }) },
    });
    const answer = await inject(app, { path: register, body: { instances: [] } });
    expect(answer.headers['x-artemis-clock']).toBe('99');
  });

  it('is compressed when asked for and worth it', async () => {
    const { app } = start({
      discovery: { service: () => prepared({ service: { service_id: 'x'.repeat(2000), instances: [] } }) },
    });
    const gzip = { 'Accept-Encoding': 'gzip' };
    const large = await inject(app, { path: service, headers: gzip });
    expect(large.headers['content-encoding']).toBe('gzip');
    expect(large.headers.vary).toContain('Accept-Encoding');
    expect(gunzipSync(large.bytes).toString()).toContain('x'.repeat(2000));
    expect((await inject(app, { path: service })).headers).not.toHaveProperty('content-encoding');
    expect((await inject(app, { path: '/health', headers: gzip })).headers).not.toHaveProperty(
      'content-encoding',
    );
  });
});

describe('request ids', () => {
  it('are made here, or taken from the caller when harmless, and stand in the log', async () => {
    const { app, log } = start();
    expect((await inject(app, { path: '/health' })).headers['x-request-id']).toBe('rrrrrrrrrrr1');
    for (const given of ['trace-1:a.B_2', 'x'.repeat(128)]) {
      expect(
        (await inject(app, { path: '/health', headers: { 'X-Request-Id': given } })).headers['x-request-id'],
      ).toBe(given);
    }
    for (const given of ['x'.repeat(129), 'a b', '"q"', '']) {
      const answer = await inject(app, { path: '/health', headers: { 'X-Request-Id': given } });
      expect(answer.headers['x-request-id']).toMatch(/^r+\d$/);
    }
    expect(log[1]).toMatchObject({ level: 'debug', fields: { request_id: 'trace-1:a.B_2' } });
    expect(new Set(log.map(({ level }) => level))).toEqual(new Set(['debug']));
  });
});

describe('metrics', () => {
  it('count each request once, by the path of the table, with its seconds', async () => {
    const { app, observed } = start();
    await inject(app, { path: register, body: { instances: [] } });
    await inject(app, { path: '/api/registry/register' });
    expect(observed).toEqual([
      { method: 'POST', route: '/api/registry/register', status: 200, seconds: 0.25 },
      { method: 'GET', route: '/api/registry/register', status: 405, seconds: 0.25 },
    ]);
  });
});
