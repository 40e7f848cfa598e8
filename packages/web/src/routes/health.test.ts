import { describe, expect, it } from '@jest/globals';
import { openApiDocument } from '@artemis/core';
import { inject, start } from '../inject.fixture.js';
import { type Overrides } from '../state.fixture.js';

const get = (path: string, overrides?: Overrides) => inject(start(overrides).app, { path });

describe('health', () => {
  it('is OK in plain text while the process serves', async () => {
    const answer = await get('/health');
    expect([answer.status, answer.text]).toEqual([200, 'OK']);
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  });

  it('is 503 with the reason when it cannot', async () => {
    const answer = await get('/health', { health: { unhealthy: () => 'the disk is full' } });
    expect([answer.status, answer.text, answer.headers['retry-after']]).toEqual([
      503,
      'the disk is full',
      '1',
    ]);
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  });

  it('tells readiness gate by gate', async () => {
    const ready = await get('/health/ready');
    expect([ready.status, ready.json()]).toEqual([200, { ready: true, gates: { synced: { open: true } } }]);
    const shut = { ready: false, gates: { synced: { open: false, reason: 'joining' } } };
    const unready = await get('/health/ready', { health: { readiness: () => shut } });
    expect([unready.status, unready.json(), unready.headers['retry-after']]).toEqual([503, shut, '1']);
  });
});

describe('metrics', () => {
  it('are text of the type that Prometheus is told', async () => {
    const answer = await get('/metrics');
    expect([answer.status, answer.text]).toEqual([200, 'up 1\n']);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  });
});

describe('the OpenAPI document', () => {
  it('is served with the version of the node', async () => {
    const answer = await get('/openapi.json');
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument({ version: '9.8.7' }))));
  });
});
