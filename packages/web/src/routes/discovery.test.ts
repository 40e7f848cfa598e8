import { describe, expect, it } from '@jest/globals';
import { inject, start, type Injected } from '../inject.fixture.js';
import { instance, logId, ok, prepared, type Overrides } from '../state.fixture.js';

const path = '/api/discovery/service.json';

async function ask(request: Injected, overrides?: Overrides) {
  const { app, calls } = start(overrides);
  const answer = await inject(app, request);
  return { ...answer, asked: calls.filter(([name]) => name !== 'take') };
}

const badRequest = (message: RegExp) => ({
  response_status: { error_code: 'bad-request', error_message: expect.stringMatching(message) as unknown },
});

describe('discovery of one service', () => {
  const config = { service_id: 'test-service', region_id: 'local', zone_id: 'zone1' };
  const found = {
    response_status: ok,
    service: { service_id: 'test-service', instances: [instance] },
    revision: 7,
    log_id: logId,
  };

  it('answers POST and GET with the prepared text', async () => {
    const posted = await ask({ path, body: { discovery_config: config } });
    expect([posted.status, posted.json(), posted.asked]).toEqual([200, found, [['service', config]]]);
    const got = await ask({ path: `${path}?service_id=test-service&region_id=local&zone_id=zone1` });
    expect([got.status, got.json(), got.asked]).toEqual([200, found, [['service', config]]]);
    expect(got.headers['content-type']).toBe('application/json; charset=utf-8');
    const any = { ...config, discovery_data: { status: 'any' } };
    const all = await ask({
      path: `${path}?service_id=test-service&region_id=local&zone_id=zone1&status=any`,
    });
    expect(all.asked).toEqual([['service', any]]);
  });

  it('puts a prepared answer into words once, however many ask for it', async () => {
    const answer = prepared({ service: { service_id: 'a', instances: [instance] } }, '"7"');
    let written = 0;
    const text = () => {
      written += 1;
      return answer.text();
    };
    const counted = { ...answer, text };
    const { app } = start({ discovery: { service: () => counted } });
    for (const headers of [{}, { 'Accept-Encoding': 'gzip' }, {}])
      expect((await inject(app, { path: `${path}?service_id=a`, headers })).text).toBe(answer.text());
    // Two nodes were asked: `inject` compares.
    expect(written).toBe(2);
  });

  it('tells of a wrong field with HTTP 200, bad-request and its path', async () => {
    for (const [body, message] of [
      [{}, /^service_id: /],
      [{ service_id: '' }, /^service_id: expected 1 to 255/],
      [{ service_id: 5 }, /^service_id: /],
      [{ ...config, zone_id: '/z' }, /^zone_id: /],
      [{ ...config, discovery_data: { status: 'down' } }, /^discovery_data\.status: /],
    ] as const) {
      const answer = await ask({ path, body: { discovery_config: body } });
      expect([answer.status, answer.asked]).toEqual([200, []]);
      expect(answer.json()).toEqual(badRequest(new RegExp(`^discovery_config\\.${message.source.slice(1)}`)));
    }
  });

  it('tells of a wrong or missing parameter in the same way', async () => {
    for (const [query, message] of [
      ['', /^service_id: /],
      ['?service_id=', /^service_id: /],
      ['?service_id=a&service_id=b', /^service_id: /],
      ['?service_id=a&zone_id=%00', /^zone_id: /],
    ] as const) {
      const answer = await ask({ path: `${path}${query}` });
      expect([answer.status, answer.asked, answer.json()]).toEqual([200, [], badRequest(message)]);
    }
  });

  it('treats a wrong envelope as every other', async () => {
    const missing = await ask({ path, body: {} });
    expect([missing.status, missing.text]).toEqual([422, expect.stringContaining('discovery_config: ')]);
    expect((await ask({ path, body: { discovery_config: [] } })).status).toBe(422);
  });

  it('sends an ETag, and 304 to whoever holds it', async () => {
    const query = `${path}?service_id=test-service`;
    const etag = `"${logId}-7"`;
    const first = await ask({ path: query });
    expect(first.headers.etag).toBe(etag);
    const second = await ask({ path: query, headers: { 'If-None-Match': etag } });
    expect([second.status, second.text, second.headers.etag]).toEqual([304, '', etag]);
    expect(second.headers).not.toHaveProperty('content-length');
    const other = await ask({ path: query, headers: { 'If-None-Match': `"${logId}-6"` } });
    expect([other.status, other.json()]).toEqual([200, found]);
    const posted = await ask({
      path,
      headers: { 'If-None-Match': etag },
      body: { discovery_config: config },
    });
    expect([posted.status, posted.headers.etag]).toEqual([200, undefined]);
  });

  it('sends no ETag for a service that is unknown', async () => {
    const unknown = prepared({
      response_status: { error_code: 'bad-request', error_message: 'unknown service' },
    });
    const answer = await ask(
      { path: `${path}?service_id=nobody`, headers: { 'If-None-Match': '*' } },
      { discovery: { service: () => unknown } },
    );
    expect([answer.status, answer.headers.etag, answer.json()]).toEqual([200, undefined, unknown.response]);
  });
});

describe('the list of services', () => {
  const list = '/api/discovery/services.json';

  it('takes filters from query and body', async () => {
    const got = await ask({ path: `${list}?prefix=a&fields=names&limit=5&cursor=c&zone_id=z&unknown=1` });
    const request = { prefix: 'a', fields: 'names', limit: 5, cursor: 'c', zone_id: 'z' };
    expect([got.status, got.asked]).toEqual([200, [['services', request]]]);
    expect((await ask({ path: list, body: request })).asked).toEqual([['services', request]]);
    expect((await ask({ path: list })).asked).toEqual([['services', {}]]);
  });

  it('tells of what is wrong with HTTP 200 and bad-request', async () => {
    for (const limit of ['0', '-1', 'x', '10001', '1e3']) {
      const answer = await ask({ path: `${list}?limit=${limit}` });
      expect([answer.status, answer.asked, answer.json()]).toEqual([
        200,
        [],
        badRequest(/^limit: expected 1 to 10000/),
      ]);
    }
    const posted = await ask({ path: list, body: { limit: '5', fields: 'names' } });
    expect([posted.status, posted.json()]).toEqual([200, badRequest(/^limit: /)]);
  });
});

describe('lookup', () => {
  const lookup = '/api/discovery/lookup.json';

  it('takes several configs, or one with a strategy', async () => {
    for (const body of [
      { discovery_configs: [{ service_id: 'a' }, { service_id: 'b' }] },
      { discovery_config: { service_id: 'a' }, strategy: 'random' },
      { discovery_configs: [] },
    ]) {
      const answer = await ask({ path: lookup, body });
      expect([answer.status, answer.asked]).toEqual([200, [['lookup', body]]]);
    }
  });

  it('names the config and the field that is wrong', async () => {
    for (const [body, message] of [
      [{ discovery_configs: [{ service_id: 'a' }, {}] }, /^discovery_configs\[1\]\.service_id: /],
      [{ discovery_config: { service_id: 'a' }, strategy: 'best' }, /^strategy: /],
    ] as const) {
      const answer = await ask({ path: lookup, body });
      expect([answer.status, answer.asked, answer.json()]).toEqual([200, [], badRequest(message)]);
    }
    const tooMany = { discovery_configs: new Array<object>(10_001).fill({ service_id: 'a' }) };
    expect((await ask({ path: lookup, body: tooMany })).status).toBe(422);
    expect((await ask({ path: lookup, body: { discovery_configs: ['a'] } })).status).toBe(422);
  });
});
