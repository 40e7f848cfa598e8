import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { ServerMessage } from '@artemis/core';
import { anInstance, CollectedLogger, VirtualTime } from '@artemis/core/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { createApp } from '../app.js';
import { listen, type Listener } from '../listen.js';
import { fakeNode, type Overrides } from '../state.fixture.js';
import { attachPush } from './attach-push.js';
import { FakeTable } from './push-stage.fixture.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Served {
  readonly port: number;
  readonly listener: Listener;
  readonly table: FakeTable;
  readonly time: VirtualTime;
  readonly calls: readonly (readonly [string, ...unknown[]])[];
  readonly observed: readonly { route: string; status: number }[];
}

async function serve(overrides: Overrides = {}): Promise<Served> {
  const time = new VirtualTime();
  const table = new FakeTable();
  const node = fakeNode(overrides);
  const state = {
    ...node.state,
    changes: table,
    snapshots: table,
    scheduler: time.scheduler,
    time: time.clock,
  };
  const listener = await listen(createApp(state), {
    host: '127.0.0.1',
    port: 0,
    scheduler: time.scheduler,
    logger: new CollectedLogger(),
    node: state,
    push: state,
  });
  closing.push(
    () => listener.close(0),
    () => time.advance(1),
  );
  return { port: listener.port, listener, table, time, calls: node.calls, observed: node.observed };
}

/** A client whose messages are taken one by one. */
class Client {
  readonly socket: WebSocket;
  readonly #messages: ServerMessage[] = [];
  #arrived: () => void = () => undefined;

  constructor(port: number, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers });
    // A refusal is an error, too.
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => {
      this.#messages.push(JSON.parse(data.toString('utf8')) as ServerMessage);
      this.#arrived();
    });
    closing.push(() => this.socket.terminate());
  }

  async next(): Promise<ServerMessage> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
  }

  async ask(message: object): Promise<ServerMessage> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, 'open');
    this.socket.send(JSON.stringify(message));
    return this.next();
  }

  /** What came in place of a WebSocket. */
  async refused(): Promise<{ status: number; headers: IncomingMessage['headers']; body: unknown }> {
    const [, response] = (await once(this.socket, 'unexpected-response')) as [unknown, IncomingMessage];
    const text = (await response.toArray()).join('');
    return { status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(text) };
  }
}

/** Everything that a server answers to a text until it ends the connection, or has said what is waited for. */
async function raw(port: number, text: string, until = /$^/): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  closing.push(() => socket.destroy());
  let answer = '';
  socket.write(text);
  for await (const chunk of socket) {
    answer += String(chunk);
    if (until.test(answer)) break;
  }
  return answer;
}

describe('the WebSocket of a node', () => {
  it('pushes changes, on the port of the routes', async () => {
    const { port, table, time, observed } = await serve();
    const client = new Client(port);
    const [response] = (await once(client.socket, 'upgrade')) as [IncomingMessage];
    expect(response.headers).toMatchObject({ 'x-artemis-node': 'node1', 'x-artemis-clock': '1234' });
    expect(await client.ask({ type: 'subscribe', service_id: 'orders' })).toMatchObject({
      type: 'subscribed',
    });
    const change = table.put('orders', 'x'.repeat(100));
    for (let index = 0; index < 300; index += 1) table.put('orders', `a service of some size ${index}`);
    await time.settle();
    const pushed = (await client.next()) as ServerMessage & { type: 'service_change' };
    expect(pushed.changes).toHaveLength(301);
    expect(pushed.changes[0]?.instance).toEqual('instance' in change.record && change.record.instance);
    expect(observed).toEqual([expect.objectContaining({ route: '/ws', status: 101 })]);
  });

  it('takes what clients register, and knows their address', async () => {
    const { port, calls } = await serve({ http: { trustProxy: true } });
    const client = new Client(port, { 'X-Forwarded-For': '203.0.113.9, 198.51.100.4' });
    const result = await client.ask({ type: 'register', id: 1, instances: [anInstance()] });
    expect(result).toMatchObject({ type: 'result', id: 1 });
    expect(calls).toContainEqual(['register', [anInstance()]]);
    expect(calls.filter(([name]) => name === 'take')).toEqual([
      ['take', '198.51.100.4'],
      ['take', '198.51.100.4'],
    ]);
  });

  it('ends when a message is too large, or binary', async () => {
    const { port } = await serve({ push: { maxFrameBytes: 100 } });
    for (const [data, code] of [
      ['x'.repeat(101), 1009],
      [Buffer.from('{"type":"ping"}'), 1003],
    ] as const) {
      const { socket } = new Client(port);
      await once(socket, 'open');
      socket.send(data);
      expect((await once(socket, 'close'))[0]).toBe(code);
    }
  });

  it('asks for signs of life, and cuts who gives none', async () => {
    const { port, time } = await serve({ push: { pingIntervalMs: 1600, idleTimeoutMs: 3200 } });
    const { socket } = new Client(port);
    // Pongs are not answered any more from the first ping on.
    const pinged = once(socket, 'ping').then(() => socket.pause());
    await once(socket, 'open');
    await time.advance(3300);
    await pinged;
    const closed = once(socket, 'close');
    await time.advance(8000);
    socket.resume();
    expect((await closed)[0]).toBe(1006);
  });
});

describe('an upgrade that is refused', () => {
  const status = (code: string) => ({
    response_status: { error_code: code, error_message: expect.any(String) },
  });

  it('tells pages of other origins', async () => {
    const { port } = await serve({ http: { allowedOrigins: ['https://a.example'] } });
    const refused = await new Client(port, { Origin: 'https://b.example' }).refused();
    expect(refused).toMatchObject({ status: 403, body: status('no-permission') });
    expect(refused.headers).toMatchObject({ 'x-artemis-node': 'node1', connection: 'close' });
    for (const origin of ['https://a.example', `http://127.0.0.1:${port}`]) {
      const client = new Client(port, { Origin: origin });
      expect(await client.ask({ type: 'ping' })).toEqual({ type: 'pong' });
    }
  });

  it.each<[string, Overrides, number]>([
    ['while the node joins', { health: { joining: () => 'joining' } }, 503],
    ['while it stops', { health: { draining: true } }, 503],
    ['over the rate limit', { limiter: { take: () => ({ allowed: false, retryAfterMs: 10 }) } }, 429],
  ])('%s', async (_when, overrides, expected) => {
    const { port, observed } = await serve(overrides);
    const refused = await new Client(port).refused();
    expect([refused.status, refused.headers['retry-after']]).toEqual([expected, '1']);
    expect(observed).toEqual([expect.objectContaining({ route: '/ws', status: expected })]);
  });

  it('when there are too many sessions, until one ends', async () => {
    const { port } = await serve({ push: { maxSessions: 1 } });
    const first = new Client(port);
    await once(first.socket, 'open');
    expect((await new Client(port).refused()).status).toBe(503);
    first.socket.close();
    await once(first.socket, 'close');
    expect(await new Client(port).ask({ type: 'ping' })).toEqual({ type: 'pong' });
  });

  it('says what is wrong with a handshake', async () => {
    const { port } = await serve();
    const head = 'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
    const answer = await raw(port, `${head}Sec-WebSocket-Version: 12\r\nSec-WebSocket-Key: x\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*Sec-WebSocket-Version: 13[^]*"bad-request"/);
  });
});

describe('an upgrade to something else', () => {
  const post = (more: string, body = '{"discovery_config":{"service_id":"a"}}') =>
    `POST /api/discovery/service.json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${more}\r\n\r\n${body}`;

  it('is served as the plain request that it also is, again and again', async () => {
    const { port, calls } = await serve();
    const h2c = post(
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
    );
    const last = post('Connection: close\r\nUpgrade: websocket');
    const answer = await raw(port, `${h2c.repeat(15)}${last}`);
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(16);
    expect(calls.filter(([name]) => name === 'service')).toHaveLength(16);
  });

  it('on the path of push, too', async () => {
    const { port } = await serve();
    const text = 'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n';
    expect(await raw(port, text)).toMatch(/^HTTP\/1\.1 404/);
  });

  it('is left to the other listeners of a foreign server', async () => {
    const server = createServer();
    const others = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) => {
      if (request.url === '/other')
        others.handleUpgrade(request, socket, head, (one) => one.send('{"type":"other"}'));
    });
    const push = attachPush(server, fakeNode().state);
    server.listen(0, '127.0.0.1');
    closing.push(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const other = new WebSocket(`ws://127.0.0.1:${port}/other`);
    closing.push(() => other.terminate());
    expect(String((await once(other, 'message'))[0])).toBe('{"type":"other"}');
    const client = new Client(port);
    expect(await client.ask({ type: 'ping' })).toEqual({ type: 'pong' });
    expect(push.sessions).toBe(1);
    push.close();
    await once(client.socket, 'close');
    expect([push.sessions, server.listenerCount('upgrade')]).toEqual([0, 1]);
  });
});

describe('a listener that closes', () => {
  it('says goodbye, and ends every connection as the protocol asks for', async () => {
    const { port, listener, time } = await serve();
    const client = new Client(port);
    await client.ask({ type: 'ping' });
    listener.handOver();
    expect(await client.next()).toEqual({ type: 'goodbye', reason: 'draining' });
    expect((await once(client.socket, 'close'))[0]).toBe(1001);
    expect((await new Client(port).refused()).status).toBe(503);
    const closed = listener.close(5000);
    await time.settle();
    await closed;
  });

  it('cuts at the deadline who does not answer', async () => {
    const { port, listener, time } = await serve();
    const { socket } = new Client(port);
    await once(socket, 'open');
    socket.pause();
    const closed = listener.close(500);
    await time.advance(500);
    await closed;
  });
});
