import { describe, expect, it } from '@jest/globals';
import { VirtualTime } from '@artemis/core/testing';
import { createApp } from '../app.js';
import { inject, start, type Injected } from '../inject.fixture.js';
import { FakeTable } from '../push/push-stage.fixture.js';
import { fakeNode, logId, ok, prepared, type Overrides } from '../state.fixture.js';

const path = '/api/discovery/service.json';

async function ask(request: Injected, overrides?: Overrides) {
  const { app, calls } = start(overrides);
  const answer = await inject(app, request);
  return { ...answer, asked: calls.filter(([name]) => name !== 'take') };
}

const badRequest = (message: RegExp) => ({
  response_status: { error_code: 'bad-request', error_message: expect.stringMatching(message) as unknown },
});

describe('a request that waits', () => {
  const etag = `"${logId}-7"`;
  const waiting = (wait: string, headers: Record<string, string> = { 'If-None-Match': etag }) => ({
    path: `${path}?service_id=test-service&wait=${wait}`,
    headers,
  });

  it.each(['0', '61', '-1', '1.5', 'x', '', '1&wait=2'])('is 400 when the time is %j', async (wait) => {
    const answer = await ask(waiting(wait));
    expect([answer.status, answer.asked]).toEqual(wait.includes('&') ? [200, []] : [400, []]);
    expect(answer.text).toContain('"bad-request"');
  });

  it('is answered at once when the caller does not hold the answer', async () => {
    for (const held of [{}, { 'If-None-Match': '"other"' }] as Record<string, string>[]) {
      const answer = await ask(waiting('60', held));
      expect([answer.status, answer.headers.etag]).toEqual([200, etag]);
    }
  });

  it('is answered anew when the service has changed', async () => {
    const table = new FakeTable();
    const time = new VirtualTime();
    const { state } = fakeNode();
    let revision = 7;
    const service = () =>
      prepared({ service: { service_id: 'test-service', instances: [] } }, `"${logId}-${revision}"`);
    const app = createApp({
      ...state,
      changes: table,
      scheduler: time.scheduler,
      discovery: { ...state.discovery, service },
    });
    const answered = inject(app, waiting('60'));
    while (table.listeners === 0) await time.advance(1);
    revision = 8;
    table.put('test-service', 'i');
    await time.settle();
    const answer = await answered;
    expect([answer.status, answer.headers.etag]).toEqual([200, `"${logId}-8"`]);
  });

  it('is 304 when the time has passed', async () => {
    const { status, asked } = await ask(waiting('5'), {
      scheduler: {
        after: (delayMs, task) => {
          expect(delayMs).toBe(5000);
          queueMicrotask(task);
          return () => undefined;
        },
      },
    });
    expect([status, asked.filter(([name]) => name === 'service').length]).toEqual([304, 2]);
  });
});

describe('the delta of all services', () => {
  const delta = '/api/discovery/services-delta.json';

  async function since(body: object, overrides: Overrides = {}) {
    const table = new FakeTable(3);
    for (const id of ['a', 'b', 'c']) table.put('orders', id);
    table.renew();
    const app = createApp({ ...fakeNode(overrides).state, changes: table });
    return inject(app, { path: delta, body });
  }

  it('has what watchers would have seen since then', async () => {
    const answer = await since({ since_revision: 1, log_id: logId });
    expect([answer.status, answer.json()]).toEqual([
      200,
      {
        response_status: ok,
        changes: [
          expect.objectContaining({ revision: 2, change_type: 'new', reason: 'registered' }),
          expect.objectContaining({ revision: 3 }),
        ],
        revision: 4,
        log_id: logId,
      },
    ]);
    expect((await since({ since_revision: 4, log_id: logId })).json()).toMatchObject({
      changes: [],
      revision: 4,
    });
  });

  it.each([
    [{ since_revision: 0, log_id: logId }, 'is too far back'],
    [{ since_revision: 9, log_id: logId }, 'is yet to come'],
    [{ since_revision: 2, log_id: 'node1#other' }, 'is of another run'],
  ])('is data-not-found when %j %s', async (body) => {
    expect((await since(body)).json()).toEqual({
      response_status: { error_code: 'data-not-found', error_message: expect.any(String) },
      changes: [],
      revision: 4,
      log_id: logId,
    });
  });

  it('names the field that is wrong', async () => {
    expect((await since({ log_id: logId })).json()).toEqual(badRequest(/^since_revision: /));
    expect((await since({ since_revision: 1 })).json()).toEqual(badRequest(/^log_id: /));
  });

  it('is 503 while the node joins', async () => {
    const joining = { health: { joining: () => 'joining' } };
    expect((await since({ since_revision: 1, log_id: logId }, joining)).status).toBe(503);
  });
});
