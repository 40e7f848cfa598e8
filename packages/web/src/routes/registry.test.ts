import { describe, expect, it } from '@jest/globals';
import { inject, start } from '../inject.fixture.js';
import { instance, instanceKey, ok } from '../state.fixture.js';

const paths = {
  register: '/api/registry/register.json',
  heartbeat: '/api/registry/heartbeat.json',
  unregister: '/api/registry/unregister.json',
};

async function post(path: string, body: unknown, maxBodyBytes = 8_000_000) {
  const { app, calls } = start({ http: { maxBodyBytes } });
  const headers = { 'Content-Type': 'application/json' };
  const answer = await inject(app, { path, headers, body: JSON.stringify(body) });
  const { response_status: status } = answer.json() as { response_status: { error_message?: string } };
  return { status: answer.status, message: status.error_message, body: answer.json(), calls };
}

describe('register, heartbeat and unregister', () => {
  it('hand the items to the registry as they were sent', async () => {
    const odd = { ...instance, port: 70_000, metadata: { a: 1 }, unknown_field: [null] };
    const { calls, body } = await post(paths.register, { instances: [instance, odd, {}], more: 1 });
    expect(calls).toContainEqual(['register', [instance, odd, {}]]);
    expect(body).toEqual({ response_status: ok });
    expect((await post(paths.heartbeat, { instance_keys: [instanceKey] })).calls).toContainEqual([
      'heartbeat',
      [instanceKey],
    ]);
    expect((await post(paths.unregister, { instance_keys: [{}] })).calls).toContainEqual([
      'unregister',
      [{}],
    ]);
  });

  it('leave it to the registry what an empty list means', async () => {
    expect(await post(paths.register, { instances: [] })).toMatchObject({
      status: 200,
      calls: [
        ['take', expect.anything()],
        ['register', []],
      ],
    });
  });

  it('take 10 000 items and refuse 10 001 with 422', async () => {
    const instances = Array.from({ length: 10_000 }, (_, index) => ({
      ...instance,
      instance_id: `i${index}`,
    }));
    const { status, calls } = await post(paths.register, { instances });
    expect([status, calls.find(([name]) => name === 'register')?.[1]]).toEqual([200, instances]);
    const more = await post(paths.register, { instances: [...instances, instance] });
    expect([more.status, more.message]).toEqual([422, expect.stringMatching(/^instances: .*10000/)]);
    expect(more.calls.some(([name]) => name === 'register')).toBe(false);
  });

  it.each([
    [null, /^body: .*object.*null/],
    [[], /^body: /],
    ['text', /^body: /],
    [{}, /^instances: /],
    [{ instances: null }, /^instances: /],
    [{ instances: {} }, /^instances: /],
    [{ instances: 'x' }, /^instances: /],
    [{ instances: [{}, 5] }, /^instances\[1\]: /],
    [{ instances: [null] }, /^instances\[0\]: /],
    [{ instances: [[]] }, /^instances\[0\]: /],
    [{ Instances: [] }, /^instances: /],
  ])('answer %j with 422 and the path of the field', async (body, message) => {
    const outcome = await post(paths.register, body);
    expect([outcome.status, outcome.message]).toEqual([422, expect.stringMatching(message)]);
    expect(outcome.body).toMatchObject({ response_status: { error_code: 'bad-request' } });
  });

  it('do not go through a hostile list item by item', async () => {
    const outcome = await post(paths.register, { instances: new Array<number>(1_000_000).fill(1) });
    expect([outcome.status, outcome.message]).toEqual([422, expect.stringMatching(/^instances: /)]);
  });
});
