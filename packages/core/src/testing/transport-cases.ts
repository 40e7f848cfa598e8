import type { JsonBody, PeerRequest, PeerResponse } from '../traits/runtime.js';
import { expectFailure, expectSame, type ReceivedRequest } from './transport-harness.js';
import type { TransportCase, TransportHarness } from './transport-harness.js';

const ampleMs = 5_000;
const shortMs = 100;

const get: PeerRequest = { method: 'GET', path: '/api/status/node.json', headers: {}, timeoutMs: ampleMs };

function post(body: unknown): PeerRequest {
  return { method: 'POST', path: '/api/replication/x.json', headers: {}, body, timeoutMs: ampleMs };
}

function call(harness: TransportHarness, request: PeerRequest): Promise<PeerResponse> {
  return harness.settle(harness.transport.call(harness.peerUrl, request));
}

async function echo(harness: TransportHarness, request: PeerRequest): Promise<ReceivedRequest> {
  await harness.setBehaviour({ kind: 'echo' });
  const { status, body } = await call(harness, request);
  expectSame(status, 200, 'status');
  return body as ReceivedRequest;
}

/** The answer to a GET when the far end answers so. */
async function answerTo(
  harness: TransportHarness,
  status: number,
  headers: Readonly<Record<string, string>>,
  text = '',
): Promise<PeerResponse> {
  await harness.setBehaviour({ kind: 'answer', status, headers, text });
  return call(harness, get);
}

const json = { 'content-type': 'application/json' };
const plain = { 'content-type': 'text/plain; charset=utf-8' };

const requests: readonly TransportCase[] = [
  {
    name: 'sends method, path with query, and headers',
    async run(harness) {
      const path = '/api/x.json?service_id=a%20b%2Fc&limit=1';
      const seen = await echo(harness, { ...get, path, headers: { 'x-artemis-node': 'node1' } });
      expectSame([seen.method, seen.path], ['GET', path], 'method and path');
      expectSame(seen.headers['x-artemis-node'], 'node1', 'header');
    },
  },
  {
    name: 'sends a GET without body and without content type',
    async run(harness) {
      const seen = await echo(harness, get);
      expectSame([seen.body, seen.headers['content-type']], [undefined, undefined], 'body and type');
    },
  },
  {
    name: 'sends a body as JSON, whatever the language',
    async run(harness) {
      const body = {
        text: 'żółć 服务 🙂 "\\\n\u2028',
        list: [1, 2.5, -3, true, null],
        nested: { a: { b: [] } },
      };
      expectSame((await echo(harness, post(body))).body, body, 'body');
      expectSame((await echo(harness, post([]))).body, [], 'a list as body');
    },
  },
  {
    name: 'sends what a body writes by itself',
    async run(harness) {
      const said = { list: ['one', 'żółć "'], count: 2 };
      const body: JsonBody = { writeJson: (pieces) => pieces.value(said), toJSON: () => said };
      expectSame((await echo(harness, post(body))).body, said, 'body');
    },
  },
  {
    name: 'does not carry what JSON cannot say',
    async run(harness) {
      const body = { gone: undefined, none: NaN, date: new Date(0) };
      expectSame(
        (await echo(harness, post(body))).body,
        { none: null, date: '1970-01-01T00:00:00.000Z' },
        'body',
      );
    },
  },
  {
    name: 'carries a large body whole',
    async run(harness) {
      const body = { items: Array.from({ length: 3_000 }, (_, index) => `item ${index}`) };
      await harness.setBehaviour({ kind: 'answer', status: 200 });
      await call(harness, post(body));
      expectSame(harness.requests()[0]?.body, body, 'body');
    },
  },
  {
    name: 'carries calls at the same time without mixing them up',
    async run(harness) {
      await harness.setBehaviour({ kind: 'echo', delayMs: 5 });
      const numbers = Array.from({ length: 20 }, (_, index) => index);
      const calls = numbers.map((number) => harness.transport.call(harness.peerUrl, post({ number })));
      const answers = await harness.settle(Promise.all(calls));
      const found = answers.map(({ body }) => (body as { body: { number: number } }).body.number);
      expectSame(found, numbers, 'answers');
    },
  },
];

const answers: readonly TransportCase[] = [
  ...[200, 201, 400, 401, 404, 409, 413, 422, 429, 500, 502, 503, 504].map((status) => ({
    name: `takes status ${status} for an answer`,
    async run(harness: TransportHarness) {
      const answer = await answerTo(harness, status, { ...json, 'Retry-After': '7' }, '{"a":[1]}');
      expectSame([answer.status, answer.body], [status, { a: [1] }], 'status and body');
      expectSame(answer.headers['retry-after'], '7', 'header by its lower-case name');
    },
  })),
  {
    name: 'does not follow a redirect',
    async run(harness) {
      for (const status of [301, 302, 307, 308]) {
        const answer = await answerTo(harness, status, { Location: `${harness.peerUrl}/elsewhere` });
        expectSame([answer.status, answer.body], [status, undefined], 'status and body');
      }
      expectSame(harness.requests().length, 4, 'requests seen');
    },
  },
  {
    name: 'has no body when the answer is empty',
    async run(harness) {
      for (const [status, headers] of [
        [200, json],
        [400, {}],
        [204, {}],
      ] as const) {
        const answer = await answerTo(harness, status, headers);
        expectSame(
          [answer.status, answer.body],
          [status, undefined],
          `status and body of an empty ${status}`,
        );
      }
    },
  },
  {
    name: 'gives text as text when the answer says that it is no JSON',
    async run(harness) {
      expectSame((await answerTo(harness, 200, plain, 'OK')).body, 'OK', 'body');
      expectSame(
        (await answerTo(harness, 200, plain, '{"a":1}')).body,
        '{"a":1}',
        'text that looks like JSON',
      );
      expectSame((await answerTo(harness, 502, { 'content-type': 'text/html' }, '<p>')).body, '<p>', 'body');
    },
  },
  {
    name: 'parses JSON of every declared kind',
    async run(harness) {
      for (const type of [
        'application/json; charset=utf-8',
        'application/problem+json',
        'Application/JSON',
      ]) {
        expectSame((await answerTo(harness, 200, { 'content-type': type }, '[1]')).body, [1], type);
      }
      expectSame((await answerTo(harness, 200, {}, '{"a":1}')).body, { a: 1 }, 'undeclared');
    },
  },
  {
    name: 'fails with unparsable when a success is garbage',
    async run(harness) {
      for (const text of ['<html>', '{"a":', 'null null', ' ']) {
        await harness.setBehaviour({ kind: 'answer', status: 200, headers: json, text });
        await expectFailure(harness, harness.transport.call(harness.peerUrl, get), 'unparsable');
      }
    },
  },
  {
    name: 'keeps the status of a failure whose body is garbage',
    async run(harness) {
      expectSame((await answerTo(harness, 503, json, '<html>')).status, 503, 'status');
    },
  },
];

const failures: readonly TransportCase[] = [
  {
    name: 'fails with refused when nobody listens',
    async run(harness) {
      await harness.setBehaviour({ kind: 'refuse' });
      await expectFailure(harness, harness.transport.call(harness.peerUrl, get), 'refused');
    },
  },
  {
    name: 'fails with reset when the connection breaks',
    async run(harness) {
      await harness.setBehaviour({ kind: 'reset' });
      await expectFailure(harness, harness.transport.call(harness.peerUrl, post({})), 'reset');
    },
  },
  {
    name: 'fails with timeout when there is no answer in time',
    async run(harness) {
      await harness.setBehaviour({ kind: 'hang' });
      const hanging = harness.transport.call(harness.peerUrl, { ...get, timeoutMs: shortMs });
      await expectFailure(harness, hanging, 'timeout');
      expectSame(harness.requests().length, 1, 'requests seen');
    },
  },
  {
    name: 'waits for an answer that comes late, but in time',
    async run(harness) {
      await harness.setBehaviour({ kind: 'echo', delayMs: shortMs });
      expectSame((await call(harness, get)).status, 200, 'status');
    },
  },
  {
    name: 'fails with too-large when the answer exceeds the limit, not when it reaches it',
    async run(harness) {
      const fits = 'x'.repeat(harness.maxAnswerBytes);
      expectSame((await answerTo(harness, 200, plain, fits)).body, fits, 'body at the limit');
      await harness.setBehaviour({ kind: 'answer', status: 200, headers: plain, text: `${fits}x` });
      await expectFailure(harness, harness.transport.call(harness.peerUrl, get), 'too-large');
    },
  },
  {
    name: 'works again after each failure',
    async run(harness) {
      const behaviours = [{ kind: 'hang' }, { kind: 'reset' }, { kind: 'refuse' }] as const;
      for (const behaviour of behaviours) {
        await harness.setBehaviour(behaviour);
        const failing = harness.transport.call(harness.peerUrl, { ...get, timeoutMs: shortMs });
        await harness.settle(failing.catch(() => undefined));
        expectSame(
          (await echo(harness, post({ after: behaviour.kind }))).body,
          { after: behaviour.kind },
          'body',
        );
      }
    },
  },
  {
    name: 'ends calls under way with closed, and refuses later ones',
    async run(harness) {
      await harness.setBehaviour({ kind: 'hang' });
      const hanging = harness.transport.call(harness.peerUrl, get);
      hanging.catch(() => undefined);
      harness.transport.close();
      await expectFailure(harness, hanging, 'closed');
      await expectFailure(harness, harness.transport.call(harness.peerUrl, get), 'closed');
    },
  },
];

/** What every {@link PeerTransport} does, the simulated and the real one alike. */
export const transportCases: readonly TransportCase[] = [...requests, ...answers, ...failures];
