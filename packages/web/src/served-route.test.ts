import { apiRoutes, type ApiRoute } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import { clientAddress, inject, start } from './inject.fixture.js';
import { type Overrides } from './state.fixture.js';

const register = '/api/registry/register.json';
const service = '/api/discovery/service.json?service_id=test-service';

describe('the rate limit', () => {
  const refusing: Overrides = { limiter: { take: () => ({ allowed: false, retryAfterMs: 1200 }) } };

  it('answers 429 with Retry-After before the body is read', async () => {
    const { app, calls } = start(refusing);
    const answer = await inject(app, { path: register, body: 'not read, so neither 415 nor 400' });
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '2']);
    expect(answer.json()).toEqual({
      response_status: {
        error_code: 'rate-limited',
        error_message: expect.stringContaining('try again in 2 s'),
      },
    });
    expect(calls).toEqual([]);
  });

  it('waits one second at least', async () => {
    const { app } = start({ limiter: { take: () => ({ allowed: false, retryAfterMs: 0 }) } });
    expect((await inject(app, { path: service })).headers['retry-after']).toBe('1');
  });

  it('leaves peers, health, metrics and the probe alone', async () => {
    const { app } = start(refusing);
    for (const row of Object.values<ApiRoute>(apiRoutes)) {
      const request = row.methods.includes('GET') ? { path: row.path } : { path: row.path, body: {} };
      const { status } = await inject(app, request);
      expect([row.path, status === 429]).toEqual([row.path, row.limited]);
    }
  });

  it('goes by the address of the connection, and by the proxy only when that is trusted', async () => {
    const forwarded = { 'X-Forwarded-For': '203.0.113.9, 198.51.100.4' };
    const plain = start();
    await inject(plain.app, { path: service, headers: forwarded });
    expect(plain.calls[0]).toEqual(['take', clientAddress]);
    const behindProxy = start({ http: { trustProxy: true } });
    await inject(behindProxy.app, { path: service, headers: forwarded });
    expect(behindProxy.calls[0]).toEqual(['take', '198.51.100.4']);
  });
});

describe('the clock of a client', () => {
  const sent = async (path: string, stamp: string) => {
    const { app, calls } = start();
    await inject(app, { path, headers: { 'X-Artemis-Clock': stamp } });
    return calls
      .filter(([name]) => name === 'observeClient' || name === 'service')
      .map(([name, value]) => [name, value]);
  };

  it('is taken before the request is handled', async () => {
    expect(await sent(service, '5000')).toEqual([
      ['observeClient', 5000],
      ['service', expect.anything()],
    ]);
  });

  it.each(['', 'x', '-1', '1.5', '1e3', '0x10', '12 ', '99999999999999999', '9007199254740993', '1, 2'])(
    'is ignored when it says %j',
    async (stamp) => {
      const calls = await sent(service, stamp);
      const expected = stamp === '12 ' ? ['observeClient', 'service'] : ['service'];
      expect(calls.map(([name]) => name)).toEqual(expected);
    },
  );

  it('is none on routes that are not for clients', async () => {
    expect(await sent('/api/status/node.json', '5000')).toEqual([]);
    expect(await sent('/api/replication/registry/services.json', '5000')).toEqual([]);
  });
});
