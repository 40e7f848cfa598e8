import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, jest } from '@jest/globals';
import { servedRoutes } from './app.js';
import { hotPath } from './hot-path.js';
import { inject, start, type Injected } from './inject.fixture.js';
import { fakeNode, instance, instanceKey, prepared } from './state.fixture.js';
import { WholeResponse } from './whole-response.js';

/** Whether a request is taken before Express. */
async function isTaken(request: Injected): Promise<boolean> {
  const { state } = fakeNode();
  const answer = hotPath(state, servedRoutes(state));
  const { status } = await inject((req, res) => {
    if (!answer(req, res)) res.writeHead(299).end();
  }, request);
  return status !== 299;
}

const heartbeat = '/api/registry/heartbeat.json';
const discovery = '/api/discovery/service.json?service_id=a';
const keys = { instance_keys: [instanceKey] };
const text = JSON.stringify(keys);
const json = { 'Content-Type': 'application/json' };
const peer = { 'X-Artemis-Replication': 'true' };
const replication = '/api/replication/registry';

describe('the hot path', () => {
  it.each<[string, Injected]>([
    ['a heartbeat', { path: heartbeat, body: keys }],
    ['a heartbeat without .json', { path: '/api/registry/heartbeat', body: keys }],
    ['a registration', { path: '/api/registry/register.json', body: { instances: [instance] } }],
    ['an end', { path: '/api/registry/unregister.json', body: keys }],
    ['discovery', { path: discovery }],
    [
      'discovery by POST',
      { path: '/api/discovery/service', body: { discovery_config: { service_id: 'a' } } },
    ],
    ['renewals of a peer', { path: `${replication}/heartbeat.json`, body: keys, headers: peer }],
    ['records of a peer', { path: `${replication}/register.json`, body: { instances: [] }, headers: peer }],
    ['a page of the table', { path: `${replication}/records.json`, body: { limit: 10 }, headers: peer }],
    ['a comparison', { path: `${replication}/digest.json`, body: { path: [], hashes: [] }, headers: peer }],
    ['removals of a peer', { path: `${replication}/unregister.json`, body: keys, headers: peer }],
    ['broken JSON', { path: heartbeat, body: '{', headers: json }],
    [
      'a charset',
      { path: heartbeat, body: text, headers: { 'Content-Type': `${json['Content-Type']}; charset=utf-8` } },
    ],
  ])('takes %s', async (_name, request) => {
    expect(await isTaken(request)).toBe(true);
  });

  it.each<[string, Injected]>([
    ['another method', { path: heartbeat, method: 'PUT', body: keys }],
    ['HEAD', { path: discovery, method: 'HEAD' }],
    ['a GET with a body', { path: discovery, method: 'GET', body: 'x', headers: { 'Content-Length': '1' } }],
    [
      'a GET with one of any length',
      {
        path: discovery,
        method: 'GET',
        body: [Buffer.from('x')],
        headers: { 'Transfer-Encoding': 'chunked' },
      },
    ],
    ['a query where none belongs', { path: `${heartbeat}?a=1`, body: keys }],
    ['another spelling', { path: '/api/registry/Heartbeat.json', body: keys }],
    ['another route', { path: '/health' }],
    ['no content type', { path: heartbeat, body: text }],
    ['another content type', { path: heartbeat, body: text, headers: { 'Content-Type': 'text/json' } }],
    ['a compressed body', { path: heartbeat, body: text, headers: { ...json, 'Content-Encoding': 'gzip' } }],
    ['a body of unknown length', { path: heartbeat, body: [Buffer.from(text)], headers: json }],
  ])('leaves %s to Express', async (_name, request) => {
    expect(await isTaken(request)).toBe(false);
  });

  it('answers as Express does, whatever is asked for besides', async () => {
    const { app } = start({ http: { allowedOrigins: ['https://a.example'] } });
    for (const headers of [
      {},
      { Origin: 'https://a.example' },
      { Origin: 'https://b.example' },
      { 'X-Request-Id': 'mine' },
      { 'Accept-Encoding': 'gzip, br' },
      { Connection: 'close' },
    ] as Record<string, string>[]) {
      // `inject` compares.
      expect((await inject(app, { path: heartbeat, body: keys, headers })).status).toBe(200);
    }
  });

  it.each<[string, Injected, string]>([
    ['what was done', { path: heartbeat, body: keys }, 'success'],
    ['a failure', { path: heartbeat, body: {} }, 'bad-request'],
    ['what is prepared', { path: discovery }, 'test-service'],
    ['nothing new', { path: discovery, headers: { 'If-None-Match': '*' } }, ''],
  ])('sends in one piece %s', async (_name, request, expected) => {
    const sendWhole = jest.spyOn(WholeResponse.prototype, 'sendWhole');
    try {
      const { app } = start({
        discovery: {
          service: () => prepared({ service: { service_id: 'test-service', instances: [] } }, '"7"'),
        },
      });
      expect((await inject(app, request)).text).toContain(expected);
      expect(sendWhole.mock.results.map(({ value }) => value as boolean)).toEqual([true]);
    } finally {
      sendWhole.mockRestore();
    }
  });

  it('answers a body that comes in pieces', async () => {
    const { app, calls } = start();
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as { port: number };
      const pieces = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const piece of [text.slice(0, 9), text.slice(9)]) controller.enqueue(Buffer.from(piece));
          controller.close();
        },
      });
      const headers = { ...json, 'Content-Length': String(text.length) };
      const request = { method: 'POST', headers, body: pieces, duplex: 'half' } as RequestInit;
      const answer = await fetch(`http://127.0.0.1:${port}${heartbeat}`, request);
      expect([answer.status, calls.at(-1)]).toEqual([200, ['heartbeat', [instanceKey]]]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
