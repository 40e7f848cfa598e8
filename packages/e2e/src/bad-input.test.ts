import { aKey, anInstance } from '@artemis/core/testing';
import { beforeAll, describe, expect } from '@jest/globals';
import type { HttpQuestion } from './harness/http-client.js';
import { startNode, type NodeProcess } from './harness/node-process.js';
import { freePort } from './harness/ports.js';
import { useStage } from './harness/stage.js';

interface Case {
  readonly method?: string;
  readonly path?: string;
  readonly question: HttpQuestion;
  readonly status: number;
  readonly code: string;
  /** The message says at least this. */
  readonly message: RegExp;
  readonly headers?: Readonly<Record<string, string>>;
}

const json = { 'Content-Type': 'application/json' };
const heartbeat = '/api/registry/heartbeat.json';
const unregister = '/api/registry/unregister.json';
const discover = '/api/discovery/service.json';

const instance = (changes: object): HttpQuestion => ({
  json: { instances: [{ ...anInstance(), ...changes }] },
});

/** Default path: the register route, where most can go wrong. Default method: POST. */
const cases: Readonly<Record<string, Case>> = {
  'malformed JSON': {
    question: { raw: '{"instances": [', headers: json },
    status: 400,
    code: 'bad-request',
    message: /JSON/,
  },
  'bytes that are no UTF-8': {
    question: { raw: Buffer.from([0x7b, 0xff, 0x7d]), headers: json },
    status: 400,
    code: 'bad-request',
    message: /UTF-8/,
  },
  'no content type': {
    question: { raw: '{"instances":[]}' },
    status: 415,
    code: 'bad-request',
    message: /application\/json/,
  },
  'a body that is no object': {
    question: { json: [1] },
    status: 422,
    code: 'bad-request',
    message: /body: .*object/,
  },
  'a missing list': { question: { json: {} }, status: 422, code: 'bad-request', message: /^instances: / },
  'a list that is none': {
    question: { json: { instances: 'all' } },
    status: 422,
    code: 'bad-request',
    message: /^instances: .*array/,
  },
  'an item that is no object': {
    question: { json: { instances: [anInstance(), 7] } },
    status: 422,
    code: 'bad-request',
    message: /^instances\[1\]: .*object/,
  },
  'a key that is no object': {
    path: heartbeat,
    question: { json: { instance_keys: [null] } },
    status: 422,
    code: 'bad-request',
    message: /^instance_keys\[0\]: .*object/,
  },
  '10 001 items': {
    question: { json: { instances: Array(10_001).fill({}) } },
    status: 422,
    code: 'bad-request',
    message: /^instances: .*10000/,
  },
  'a body over the limit': {
    question: { json: { instances: [{ filler: 'x'.repeat(9 * 1024 * 1024) }] } },
    status: 413,
    code: 'bad-request',
    message: /larger than 8388608 bytes \(server\.max_body_bytes\)/,
  },
  'an unknown path': {
    path: '/api/registry/registr.json',
    question: { json: {} },
    status: 404,
    code: 'data-not-found',
    message: /no such path: \/api\/registry\/registr\.json/,
  },
  'a path in other letters': {
    path: '/API/registry/register.json',
    question: instance({}),
    status: 404,
    code: 'data-not-found',
    message: /no such path/,
  },
  'a wrong method': {
    method: 'DELETE',
    question: {},
    status: 405,
    code: 'bad-request',
    message: /DELETE is not served here, only POST/,
    headers: { allow: 'POST, OPTIONS' },
  },
  'an empty list of instances': {
    question: { json: { instances: [] } },
    status: 200,
    code: 'bad-request',
    message: /^instances: expected at least one/,
  },
  'an empty list of keys': {
    path: heartbeat,
    question: { json: { instance_keys: [] } },
    status: 200,
    code: 'bad-request',
    message: /^instance_keys: expected at least one/,
  },
  'an empty list of keys to unregister': {
    path: unregister,
    question: { json: { instance_keys: [] } },
    status: 200,
    code: 'bad-request',
    message: /^instance_keys: expected at least one/,
  },
  'port 70000': {
    question: instance({ port: 70_000 }),
    status: 200,
    code: 'bad-request',
    message: /instances\[0\]\.port: .*65535/,
  },
  'a port in quotes': {
    question: instance({ port: '8080' }),
    status: 200,
    code: 'bad-request',
    message: /instances\[0\]\.port: .*number/,
  },
  'a metadata value that is no string': {
    question: instance({ metadata: { weight: 5 } }),
    status: 200,
    code: 'bad-request',
    message: /instances\[0\]\.metadata\.weight: .*string/,
  },
  'metadata that is a list': {
    question: instance({ metadata: ['a'] }),
    status: 200,
    code: 'bad-request',
    message: /instances\[0\]\.metadata: /,
  },
  'an unknown status': {
    question: instance({ status: 'sleepy' }),
    status: 200,
    code: 'bad-request',
    message: /instances\[0\]\.status: .*starting/,
  },
  'a missing field': {
    question: instance({ ip: undefined }),
    status: 200,
    code: 'bad-request',
    message: /instances\[0\]\.ip: /,
  },
  'an id of control characters': {
    question: instance({ instance_id: 'a\nb' }),
    status: 200,
    code: 'bad-request',
    message: /instances\[0\]\.instance_id: .*printable/,
  },
  'a lease of no time': {
    question: instance({ lease_ttl_secs: 0 }),
    status: 200,
    code: 'bad-request',
    message: /instances\[0\]\.lease_ttl_secs: /,
  },
  'a heartbeat for a key of an unknown service': {
    path: heartbeat,
    question: { json: { instance_keys: [aKey({ service_id: 'nobody-knows' })] } },
    status: 200,
    code: 'bad-request',
    message: /instance_keys\[0\]: unknown instance/,
  },
  'discovery of an unknown service': {
    path: discover,
    question: { json: { discovery_config: { service_id: 'nobody-knows' } } },
    status: 200,
    code: 'bad-request',
    message: /nobody-knows/,
  },
  'discovery of nothing': {
    path: discover,
    question: { json: { discovery_config: {} } },
    status: 200,
    code: 'bad-request',
    message: /service_id: /,
  },
};

describe('a node answers', () => {
  const stage = useStage();
  let node: NodeProcess;

  beforeAll(async () => {
    node = await startNode(stage, { name: 'node1', port: await freePort() });
  });

  for (const [name, { method = 'POST', path = '/api/registry/register.json', ...rest }] of Object.entries(
    cases,
  )) {
    stage.test(`${name} with ${rest.status} and ${rest.code}`, async () => {
      const answer = await node.api.http.ask(method, path, rest.question);
      expect([answer.status, answer.text]).toEqual([rest.status, expect.stringMatching(/^\{.*\}$/s)]);
      const { response_status: status } = JSON.parse(answer.text) as {
        response_status: { error_code: string; error_message: string };
      };
      expect(status.error_code).toBe(rest.code);
      expect(status.error_message).toMatch(rest.message);
      expect(answer.headers).toMatchObject({
        'content-type': expect.stringContaining('application/json'),
        'x-artemis-node': 'node1',
        'x-artemis-clock': expect.stringMatching(/^\d+$/),
        ...rest.headers,
      });
    });
  }

  stage.test('a batch with one bad item with partial_fail, and takes the others', async () => {
    const bad = { ...anInstance({ instance_id: 'bad' }), port: 70_000 };
    const instances = [anInstance({ instance_id: 'good-1' }), bad, anInstance({ instance_id: 'good-2' })];
    const answer = await node.api.register(instances);
    expect(answer.response_status.error_code).toBe('partial_fail');
    expect(answer.failed_instances).toEqual([
      {
        instance: bad,
        error_code: 'bad-request',
        error_message: expect.stringMatching(/^instances\[1\]\.port: /),
      },
    ]);
    expect(await node.api.idsOf('test-service')).toEqual(['good-1', 'good-2']);
  });

  stage.test('a heartbeat with one unknown key with bad-request, and renews the others', async () => {
    await node.api.register([anInstance({ service_id: 'beating' })]);
    const unknown = aKey({ service_id: 'beating', instance_id: 'unknown' });
    const answer = await node.api.heartbeat([aKey({ service_id: 'beating' }), unknown]);
    expect(answer.response_status.error_code).toBe('bad-request');
    expect(answer.failed_instance_keys).toEqual([unknown]);
    expect((await node.api.metrics()).sum('artemis_heartbeats_total', { result: 'renewed' })).toBe(1);
  });

  stage.test('an unregister of an unknown key with success', async () => {
    const unknown = aKey({ service_id: 'nobody-knows' });
    expect(await node.api.unregister([unknown])).toEqual({ response_status: { error_code: 'success' } });
  });

  stage.test('and after all of this it serves as before, without an error in its log', async () => {
    expect((await node.api.http.ask('GET', '/health')).text).toBe('OK');
    expect(node.log).not.toMatch(/\berror\b/);
  });
});
