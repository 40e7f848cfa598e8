import { ArtemisError } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import { createApp } from './app.js';
import { connect, inject, start } from './inject.fixture.js';
import { fakeNode, type Overrides } from './state.fixture.js';

const register = '/api/registry/register.json';
const service = '/api/discovery/service.json?service_id=test-service';

/** For what is answered otherwise each time. */
function startOne(overrides: Overrides) {
  const node = fakeNode(overrides);
  return { ...node, app: createApp(node.state) };
}

describe('failures', () => {
  it('of the node are answered with the request id and logged with the stack, once', async () => {
    const { app, log } = start({
      discovery: {
        service: () => {
          throw new Error('secret detail');
        },
      },
    });
    const answer = await inject(app, { path: service, headers: { 'X-Request-Id': 'req-7' } });
    expect(answer.status).toBe(500);
    expect(answer.json()).toEqual({
      response_status: { error_code: 'internal-error', error_message: expect.stringContaining('req-7') },
    });
    expect(answer.text).not.toContain('secret detail');
    const errors = log.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(1);
    expect(errors[0]?.fields).toMatchObject({
      request_id: 'req-7',
      error: expect.stringMatching(/secret detail\n +at /),
    });
  });

  it('that reject, or are no Error, are hidden as well', async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    const { app, log } = start({ registry: { register: () => Promise.reject('secret text') } });
    const answer = await inject(app, { path: register, body: { instances: [] } });
    expect([answer.status, answer.text.includes('secret')]).toEqual([500, false]);
    expect(log[0]?.fields).toMatchObject({ error: 'secret text' });
  });

  it('of a node that cannot serve now say when to come back', async () => {
    const refusals = [
      new ArtemisError('unavailable', 'draining', { retryAfterSecs: 2.1 }),
      new ArtemisError('unavailable', 'joining'),
    ];
    const { app, log } = startOne({
      registry: { register: () => Promise.reject(refusals.pop() ?? new Error('no more')) },
    });
    const first = await inject(app, { path: register, body: { instances: [] } });
    expect([first.status, first.headers['retry-after']]).toEqual([503, '1']);
    expect(first.json()).toEqual({
      response_status: { error_code: 'service-unavailable', error_message: 'joining' },
    });
    const second = await inject(app, { path: register, body: { instances: [] } });
    expect(second.headers['retry-after']).toBe('3');
    expect(log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('that a client makes by leaving are counted as 499 and not logged as errors', async () => {
    let seen: (status: number) => void = () => undefined;
    const status = new Promise<number>((resolve) => (seen = resolve));
    const { app, log, calls } = start({ metrics: { observe: (request) => seen(request.status) } });
    const { near, far } = connect(app);
    const head = [
      `POST ${register} HTTP/1.1`,
      'Host: a',
      'Content-Type: application/json',
      'Content-Length: 9',
    ];
    near.write(`${head.join('\r\n')}\r\n\r\n{`, () => far.destroy());
    expect(await status).toBe(499);
    expect(log.filter(({ level }) => level === 'error')).toEqual([]);
    expect(calls.some(([name]) => name === 'register')).toBe(false);
  });
});
