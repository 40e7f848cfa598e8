import { anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { PushStage } from './push-stage.fixture.js';

const register = (id: number, ...instances: object[]) => ({ type: 'register', id, instances });

/** What the registry was asked, in short. */
const asked = (stage: PushStage) =>
  stage.node.calls.filter(([name]) => ['register', 'heartbeat', 'unregister'].includes(name));

describe('a message that is wrong', () => {
  it.each([
    ['no JSON', '{"type":"ping"', {}],
    ['no object', '[]', {}],
    ['of no type', '{"id":4}', { id: 4 }],
    ['of an unknown type', '{"type":"sing","service_id":"a"}', { service_id: 'a' }],
    ['a watch of a bad id', '{"type":"subscribe","service_id":"/a"}', { service_id: '/a' }],
    ['a negative revision', '{"type":"subscribe_all","since_revision":-1}', {}],
    ['a register without a list', '{"type":"register","id":"r"}', { id: 'r' }],
    ['an item that is no object', '{"type":"unregister","id":5,"instance_keys":[1]}', { id: 5 }],
    ['an id that is no id', '{"type":"register","id":{},"instances":[]}', {}],
  ])('is answered with an error, and the connection stays: %s', async (_what, text, about) => {
    const client = new PushStage().connect();
    client.say(text);
    client.say({ type: 'ping' });
    const [error, pong] = await client.hear();
    expect(error).toEqual({
      type: 'error',
      error_code: 'bad-request',
      message: expect.any(String),
      ...about,
    });
    expect(pong).toEqual({ type: 'pong' });
  });

  it('says which types there are', async () => {
    const client = new PushStage().connect();
    client.say({ type: 'sing' });
    expect(await client.hear()).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/^type: expected one of .*subscribe/) }),
    ]);
  });
});

describe('limits of a session', () => {
  it('are so many services watched by name', async () => {
    const stage = new PushStage({ maxSubscriptions: 2 });
    const client = stage.connect();
    for (const service_id of ['a', 'b', 'c', 'A']) client.say({ type: 'subscribe', service_id });
    client.say({ type: 'subscribe_all' });
    client.say({ type: 'unsubscribe', service_id: 'b' });
    client.say({ type: 'subscribe', service_id: 'c' });
    expect(
      (await client.hear()).map((message) => [message.type, 'service_id' in message && message.service_id]),
    ).toEqual([
      ['subscribed', 'a'],
      ['subscribed', 'b'],
      ['error', 'c'],
      ['subscribed', 'A'],
      ['subscribed_all', false],
      ['unsubscribed', 'b'],
      ['subscribed', 'c'],
    ]);
  });

  it('count every message of the address, and say so', async () => {
    let left = 2;
    const limiter = { take: () => ({ allowed: (left -= 1) >= 0, retryAfterMs: 1500 }) };
    const stage = new PushStage({}, undefined, { limiter });
    const client = stage.connect();
    client.say({ type: 'ping' });
    client.say({ type: 'ping' });
    client.say({ type: 'subscribe', service_id: 'a' });
    client.say('{');
    client.say(register(3, anInstance()));
    const status = { error_code: 'rate-limited' };
    expect(await client.hear()).toMatchObject([
      { type: 'pong' },
      { type: 'pong' },
      { type: 'error', ...status, service_id: 'a', message: expect.stringContaining('2 s') },
      { type: 'error', ...status },
      { type: 'result', id: 3, response_status: status },
    ]);
    expect(asked(stage)).toEqual([]);
  });

  it('do not listen to a client that asks and does not read', async () => {
    const stage = new PushStage();
    const client = stage.connect();
    client.channel.room = 0;
    const service_id = `/${'x'.repeat(250)}`;
    for (let index = 0; index < 500; index += 1) client.say({ type: 'subscribe', service_id });
    expect(client.channel.paused).toBe(false);
    for (let index = 0; index < 500; index += 1) client.say({ type: 'subscribe', service_id });
    expect(client.channel.paused).toBe(true);
    stage.drain(client);
    expect(client.channel.paused).toBe(false);
  });

  it('nor to one whose requests wait for the store', async () => {
    let store: () => void = () => undefined;
    const stored = new Promise<void>((resolve) => (store = resolve));
    const register_ = () => stored.then(() => ({ response_status: { error_code: 'success' as const } }));
    const stage = new PushStage({}, undefined, { registry: { register: register_ } });
    const client = stage.connect();
    for (let index = 0; index < 16; index += 1) client.say(register(index, anInstance()));
    expect(client.channel.paused).toBe(false);
    client.say(register(16, anInstance()));
    expect(client.channel.paused).toBe(true);
    store();
    expect(await client.hear()).toHaveLength(17);
    expect(client.channel.paused).toBe(false);
  });
});

describe('signs of life', () => {
  it('are asked for, and a client without any is cut', async () => {
    const stage = new PushStage({ pingIntervalMs: 10_000, idleTimeoutMs: 25_000 });
    const [alive, silent] = [stage.connect(), stage.connect()];
    for (let round = 0; round < 3; round += 1) {
      await stage.time.advance(9_000);
      alive.session.heard();
      alive.session.check();
      silent.session.check();
    }
    expect(alive.channel.frames).toHaveLength(3);
    expect(silent.channel.frames).toEqual([Buffer.of(0x89, 0), Buffer.of(0x89, 0)]);
    expect([alive.channel.closed, silent.channel.end]).toEqual([false, 'cut']);
    expect(stage.gauges()).toMatchObject({ sessions: 1 });
    expect(stage.counted).toMatchObject({ 'ended idle': 1 });
  });

  it('are any message, and whatever a slow client takes', async () => {
    const stage = new PushStage({ pingIntervalMs: 10_000, idleTimeoutMs: 20_000 });
    const [talking, taking, stalled] = [stage.connect(), stage.connect(), stage.connect()];
    taking.channel.room = 0;
    stalled.channel.room = 0;
    for (let round = 0; round < 5; round += 1) {
      await stage.time.advance(10_000);
      talking.say({ type: 'ping' });
      taking.channel.takenBytes += 1;
      for (const { session } of [talking, taking, stalled]) session.check();
    }
    expect([talking, taking, stalled].map(({ channel }) => channel.end)).toEqual([
      undefined,
      undefined,
      'cut',
    ]);
  });
});

describe('a session that was behind', () => {
  it('lives when it has taken what waited', async () => {
    const stage = new PushStage({ pingIntervalMs: 10_000, idleTimeoutMs: 20_000 });
    const client = stage.connect();
    client.channel.room = 0;
    client.say({ type: 'subscribe', service_id: 'orders' });
    await stage.time.advance(19_000);
    stage.drain(client);
    await stage.time.advance(19_000);
    client.session.check();
    expect(client.channel.end).toBeUndefined();
    await stage.time.advance(1_000);
    // A socket that drains though nothing waited says nothing of the client.
    stage.drain(client);
    client.session.check();
    expect(client.channel.end).toBe('cut');
  });
});

describe('a goodbye', () => {
  it('comes at once, and the end after what is under way', async () => {
    let store: () => void = () => undefined;
    const stored = new Promise<void>((resolve) => (store = resolve));
    const stage = new PushStage({}, undefined, {
      registry: {
        register: () => stored.then(() => ({ response_status: { error_code: 'success' as const } })),
      },
    });
    const client = stage.connect();
    client.say(register(1, anInstance()));
    client.session.leave();
    client.session.leave();
    expect(await client.hear()).toEqual([{ type: 'goodbye', reason: 'draining' }]);
    expect(client.channel.closed).toBe(false);
    store();
    expect(await client.hear()).toMatchObject([{ type: 'result', id: 1 }]);
    expect(client.channel.end).toBe('1001 draining');
    expect(stage.gauges()).toMatchObject({ sessions: 0 });
    expect(stage.counted).toMatchObject({ 'ended draining': 1 });
  });
});
