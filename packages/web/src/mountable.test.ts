import { gunzipSync } from 'node:zlib';
import { apiRoutes, pathsOf, type ApiRoute } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import compression from 'compression';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import { createApp } from './app.js';
import { clientAddress, inject } from './inject.fixture.js';
import { fakeNode, instance, ok, type Overrides } from './state.fixture.js';

const register = '/api/registry/register.json';

function start(overrides?: Overrides) {
  const node = fakeNode(overrides);
  return { ...node, artemis: createApp(node.state) };
}

/** The end of every app here: its own 404 and its own errors. */
function ending(app: Express): Express {
  app.use((req, res) => {
    res.status(404).json({ host: 'nothing here', path: req.originalUrl, app: req.app === app });
  });
  const failed: ErrorRequestHandler = (error: Error, _req, res, next) => {
    if (res.headersSent) next(error);
    else res.status(500).json({ host: error.message });
  };
  return app.use(failed);
}

const everyPath = Object.values<ApiRoute>(apiRoutes).flatMap((row) => pathsOf(row));

describe.each([
  ['at the root', ''],
  ['under a prefix', '/registry'],
])('in an Express app, %s', (_name, prefix) => {
  it('answers every path of its own', async () => {
    const { artemis } = start();
    const host = ending(prefix === '' ? express().use(artemis) : express().use(prefix, artemis));
    for (const path of everyPath) {
      const answer = await inject(host, { path: prefix + path, method: 'OPTIONS' });
      expect([path, answer.status, answer.headers['x-artemis-node']]).toEqual([path, 204, 'node1']);
    }
  });

  it('lets all others pass, untouched', async () => {
    const { artemis, observed, calls } = start();
    const host = ending(express().disable('x-powered-by').use(prefix, artemis));
    const bare = ending(express().disable('x-powered-by'));
    const others = [
      '/',
      '/nothing?a=1',
      '/health/',
      '/Health',
      '/api',
      '/api/registry/Register.json',
      '/%zz',
    ];
    for (const path of others.map((other) => prefix + other)) {
      const [answer, unmounted] = [await inject(host, { path }), await inject(bare, { path })];
      expect(answer.json()).toEqual({ host: 'nothing here', path, app: true });
      expect({ ...answer.headers, date: '' }).toEqual({ ...unmounted.headers, date: '' });
    }
    expect([observed, calls]).toEqual([[], []]);
  });

  it('takes bodies that nobody has read, and those that a parser of the host has read', async () => {
    for (const parsers of [
      [],
      [express.json()],
      [express.raw({ type: () => true })],
      [express.text({ type: () => true })],
    ]) {
      const { artemis, calls } = start();
      const host = express();
      for (const parser of parsers) host.use(parser);
      const answer = await inject(host.use(prefix, artemis), {
        path: prefix + register,
        body: { instances: [instance] },
      });
      expect([answer.status, answer.json()]).toEqual([200, { response_status: ok }]);
      expect(calls).toContainEqual(['register', [instance]]);
    }
  });
});

describe('in an Express app', () => {
  it('stands behind the routes of that app, or before them', async () => {
    const own = express.Router().get('/health', (_req, res) => void res.send('host'));
    const { artemis } = start();
    const behind = express().use(own).use(artemis);
    const before = express().use(artemis).use(own);
    expect((await inject(behind, { path: '/health' })).text).toBe('host');
    expect((await inject(behind, { path: '/health/ready' })).status).toBe(200);
    expect((await inject(before, { path: '/health' })).text).toBe('OK');
  });

  it('answers its own errors and leaves those of the host alone', async () => {
    const { artemis } = start({
      discovery: {
        services() {
          throw new Error('a defect');
        },
      },
    });
    const host = ending(
      express()
        .use(artemis)
        .get('/fails', () => {
          throw new Error('failed');
        }),
    );
    const wrong = await inject(host, { path: register });
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'POST, OPTIONS']);
    const defect = await inject(host, { path: '/api/discovery/services.json' });
    expect(defect.status).toBe(500);
    expect(defect.json()).toMatchObject({ response_status: { error_code: 'internal-error' } });
    expect((await inject(host, { path: '/fails' })).json()).toEqual({ host: 'failed' });
  });

  it('is not touched by the settings of that app', async () => {
    const { artemis, calls } = start();
    const host = express().enable('trust proxy').set('query parser', 'extended').use(artemis);
    host.set('case sensitive routing', false);
    const headers = { 'X-Forwarded-For': '198.51.100.1' };
    await inject(host, { path: '/api/discovery/service.json?service_id=a', headers });
    expect(calls).toContainEqual(['take', clientAddress]);
  });

  it('leaves the request of the host as it was', async () => {
    const { artemis } = start();
    const host = express();
    const seen: unknown[] = [];
    const look = (req: Request): unknown[] => [
      req.app === host,
      req.url,
      req.baseUrl,
      Object.getPrototypeOf(req),
    ];
    host.use((req, _res, next) => {
      seen.push(look(req));
      next();
    });
    host.use(artemis);
    host.use((req, res) => {
      seen.push(look(req));
      res.send('host');
    });
    await inject(host, { path: '/other' });
    expect(seen[1]).toEqual(seen[0]);
  });

  it('is compressed once', async () => {
    const host = express()
      .use(compression({ threshold: 0 }))
      .use(start().artemis);
    const answer = await inject(host, { path: '/openapi.json', headers: { 'Accept-Encoding': 'gzip' } });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(answer.bytes).toString())).toMatchObject({ openapi: expect.any(String) });
  });
});

describe('a body that a parser of the host has read', () => {
  function post(parser: express.RequestHandler, body: object | string, type = 'application/json') {
    const { artemis } = start({ http: { maxBodyBytes: 2000 } });
    const host = express().use(parser).use(artemis);
    return inject(host, { method: 'POST', path: register, headers: { 'Content-Type': type }, body });
  }

  it('keeps to the limits of any other', async () => {
    const limit = { limit: '1mb' };
    const large = await post(express.json(limit), { instances: [], more: 'x'.repeat(2000) });
    expect(large.status).toBe(413);
    const deep = `{"instances":[],"more":${'['.repeat(101)}${']'.repeat(101)}}`;
    const refused = await post(express.json(limit), deep);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('nested deeper than 100 levels');
    const form = await post(express.urlencoded(), 'instances=1', 'application/x-www-form-urlencoded');
    expect(form.status).toBe(415);
  });

  it('must be left in req.body', async () => {
    const { artemis, log } = start();
    const host = express()
      .use((req, _res, next) => void req.resume().once('end', () => next()))
      .use(artemis);
    const answer = await inject(host, { path: register, body: { instances: [] } });
    expect(answer.status).toBe(500);
    expect(JSON.stringify(log)).toContain('mount Artemis in front of what reads it');
  });
});

it('without a next, answers unknown paths itself', async () => {
  const { artemis } = start();
  expect((await inject(artemis, { path: '/nothing' })).json()).toMatchObject({
    response_status: { error_code: 'data-not-found' },
  });
});
