import { ArtemisError } from '@artemis/core';
import { anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import type { Overrides } from '../state.fixture.js';
import { PushStage } from './push-stage.fixture.js';

const ok = { error_code: 'success' };
const key = {
  region_id: 'local',
  zone_id: 'zone1',
  service_id: 'test-service',
  group_id: '',
  instance_id: 'inst-1',
};
const register = (id: number, ...instances: object[]) => ({ type: 'register', id, instances });

/** What the registry was asked, in short. */
const asked = (stage: PushStage) =>
  stage.node.calls.filter(([name]) => ['register', 'heartbeat', 'unregister'].includes(name));

describe('requests over a connection', () => {
  it('are answered with their id and the clock, in the order in which they came', async () => {
    const stage = new PushStage();
    const client = stage.connect();
    client.say(register(1, anInstance()));
    client.say({ type: 'heartbeat', id: 'two', instance_keys: [key] });
    client.say({ type: 'unregister', instance_keys: [key] });
    expect(await client.hear()).toEqual([
      { type: 'result', id: 1, clock: '1234', response_status: ok },
      { type: 'result', id: 'two', clock: '1234', response_status: ok },
      { type: 'result', clock: '1234', response_status: ok },
    ]);
    expect(asked(stage)).toEqual([
      ['register', [anInstance()]],
      ['heartbeat', [key]],
      ['unregister', [key]],
    ]);
  });

  it('renew with a bare heartbeat what the connection registered and did not remove', async () => {
    const second = anInstance({ instance_id: 'inst-2' });
    const refused = { ...anInstance({ instance_id: 'bad' }), port: -1 };
    const stage = new PushStage({}, undefined, {
      registry: {
        register: async (instances) => ({
          response_status: { error_code: instances.length > 2 ? 'partial_fail' : 'success' },
          ...(instances.length > 2 && {
            failed_instances: [{ instance: instances[2], error_code: 'bad-request', error_message: 'port' }],
          }),
        }),
      },
    });
    const [client, other] = [stage.connect(), stage.connect()];
    client.say(register(1, anInstance(), second, refused));
    other.say(register(1, anInstance({ instance_id: 'other' })));
    await client.hear();
    client.say({ type: 'heartbeat' });
    client.say({ type: 'unregister', instance_keys: [{ ...key, instance_id: 'inst-2' }] });
    client.say({ type: 'heartbeat' });
    await client.hear();
    expect(asked(stage).filter(([name]) => name === 'heartbeat')).toEqual([
      ['heartbeat', [key, { ...key, instance_id: 'inst-2' }]],
      ['heartbeat', [key]],
    ]);
  });

  it('do not renew what was removed before the store had taken it', async () => {
    const stage = new PushStage();
    const client = stage.connect();
    client.say(register(1, anInstance(), anInstance({ instance_id: 'inst-2' })));
    client.say({ type: 'unregister', instance_keys: [{ ...key, instance_id: 'inst-2' }] });
    await client.hear();
    client.say({ type: 'heartbeat' });
    expect(asked(stage).at(-1)).toEqual(['heartbeat', [key]]);
  });

  it('refuse a bare heartbeat when there is nothing to renew', async () => {
    const client = new PushStage().connect();
    client.say({ type: 'heartbeat', id: 7 });
    expect(await client.hear()).toEqual([
      {
        type: 'result',
        id: 7,
        clock: '1234',
        response_status: {
          error_code: 'bad-request',
          error_message: 'instance_keys: nothing is registered on this connection',
        },
      },
    ]);
  });

  it('refuse more instances than one connection holds, counting none twice', async () => {
    const stage = new PushStage();
    const client = stage.connect();
    const many = Array.from({ length: 10_000 }, (_, index) => anInstance({ instance_id: `i${index}` }));
    client.say(register(1, ...many));
    await client.hear();
    client.say(register(2, ...many));
    client.say(register(3, anInstance({ instance_id: 'one more' })));
    expect(await client.hear()).toMatchObject([
      { id: 2, response_status: ok },
      { id: 3, response_status: { error_code: 'bad-request' } },
    ]);
  });

  it('carry the clock of the client', async () => {
    const stage = new PushStage();
    const client = stage.connect();
    for (const clock of ['5000', 'x', null]) client.say({ type: 'heartbeat', instance_keys: [key], clock });
    await client.hear();
    expect(stage.node.calls.filter(([name]) => name === 'observeClient')).toEqual([['observeClient', 5000]]);
  });

  it('tell why the node cannot take them, and hide its defects', async () => {
    const overrides: Overrides = {
      registry: {
        register: () => Promise.reject(new ArtemisError('unavailable', 'the node is stopping')),
        unregister: () => Promise.reject(new Error('secret')),
        heartbeat: () => {
          throw new ArtemisError('unavailable', 'the clock is wrong');
        },
      },
    };
    const stage = new PushStage({}, undefined, overrides);
    const client = stage.connect();
    client.say(register(1, anInstance()));
    client.say({ type: 'heartbeat', id: 2, instance_keys: [key] });
    client.say({ type: 'unregister', id: 3, instance_keys: [key] });
    expect(
      (await client.hear()).map((message) => 'response_status' in message && message.response_status),
    ).toEqual(
      expect.arrayContaining([
        { error_code: 'service-unavailable', error_message: 'the node is stopping' },
        { error_code: 'service-unavailable', error_message: 'the clock is wrong' },
        { error_code: 'internal-error', error_message: expect.stringContaining('request id') },
      ]),
    );
    expect(JSON.stringify(stage.node.log)).toContain('secret');
  });

  it('leave the instances alone when the connection ends', async () => {
    const stage = new PushStage();
    const client = stage.connect();
    client.say(register(1, anInstance()));
    await client.hear();
    client.session.end('closed');
    await stage.time.advance(1000);
    expect(asked(stage).map(([name]) => name)).toEqual(['register']);
    expect(stage.counted['ended closed']).toBe(1);
  });
});
