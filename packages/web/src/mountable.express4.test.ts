import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import type express from 'express';
import type { ErrorRequestHandler } from 'express';
import { createApp } from './app.js';
import { inject } from './inject.fixture.js';
import { fakeNode, instance, ok } from './state.fixture.js';

/** What is used of it here is the same in both. */
const express4 = createRequire(import.meta.url)('express4') as typeof express;
const { version } = createRequire(import.meta.url)('express4/package.json') as { version: string };

const register = '/api/registry/register.json';
const failed: ErrorRequestHandler = (error: Error, _req, res, next) => {
  if (res.headersSent) next(error);
  else res.status(500).json({ host: error.message });
};

describe.each([
  ['at the root', ''],
  ['under a prefix', '/registry'],
])(`in an app of Express ${version}, %s`, (_name, prefix) => {
  const host = (state: ReturnType<typeof fakeNode>['state'], parser?: ReturnType<typeof express.json>) => {
    const app = express4();
    if (parser !== undefined) app.use(parser);
    const artemis = createApp(state);
    if (prefix === '') app.use(artemis);
    else app.use(prefix, artemis);
    app.get('/fails', () => {
      throw new Error('failed');
    });
    app.use((req, res) => void res.status(404).json({ host: 'nothing here', path: req.originalUrl }));
    return app.use(failed);
  };

  it('answers its own paths, and lets all others pass', async () => {
    expect(version).toMatch(/^4\./);
    const app = host(fakeNode().state);
    const answer = await inject(app, { path: `${prefix}/health/ready` });
    expect([answer.status, answer.headers['x-artemis-node']]).toEqual([200, 'node1']);
    for (const path of ['/', '/nothing?a=1', '/%zz', `${prefix}/health/`, `${prefix}/api`]) {
      const passed = await inject(app, { path });
      expect([path, passed.headers['x-artemis-node']]).toEqual([path, undefined]);
      if (path !== '/%zz') expect(passed.json()).toEqual({ host: 'nothing here', path });
    }
    expect((await inject(app, { path: '/fails' })).json()).toEqual({ host: 'failed' });
    expect((await inject(app, { path: prefix + register })).status).toBe(405);
  });

  it.each([
    ['that nobody has read', undefined],
    ['that a parser of the app has read', express4.json()],
  ])('takes bodies %s', async (_what, parser) => {
    const { state, calls } = fakeNode();
    const body = { instances: [instance] };
    const answer = await inject(host(state, parser), { path: prefix + register, body });
    expect([answer.status, answer.json()]).toEqual([200, { response_status: ok }]);
    expect(calls).toContainEqual(['register', [instance]]);
  });
});
