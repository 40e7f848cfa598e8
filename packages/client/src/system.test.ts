import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import type { ClientSocket, SocketEnd } from './environment.js';
import { systemEnvironment } from './system.js';

const environment = systemEnvironment();

/** A socket whose messages and end can be waited for. */
function open(url: string): {
  readonly socket: ClientSocket;
  readonly opened: Promise<void>;
  readonly message: Promise<string>;
  readonly end: Promise<SocketEnd>;
} {
  let [opened, message, closed]: ((value: never) => void)[] = [];
  const promises = {
    opened: new Promise<void>((resolve) => (opened = resolve)),
    message: new Promise<string>((resolve) => (message = resolve)),
    end: new Promise<SocketEnd>((resolve) => (closed = resolve)),
  };
  const socket = environment.openSocket(url, {
    opened: () => opened?.(undefined as never),
    message: (text) => message?.(text as never),
    closed: (end) => closed?.(end as never),
  });
  return { socket, ...promises };
}

const platform = globalThis as { WebSocket?: unknown };

// Browsers, and Node from 22 on, have a WebSocket of their own: the one of `ws` has the same interface.
describe.each(['without', 'with'] as const)('the real environment %s a WebSocket of the platform', (kind) => {
  const own = platform.WebSocket;
  let server: Server;
  let sockets: WebSocketServer;
  let address: string;
  /** Answers an upgrade with this instead of taking it. */
  let refusal: string | undefined;

  beforeEach(async () => {
    refusal = undefined;
    if (kind === 'with') platform.WebSocket = WebSocket;
    else delete platform.WebSocket;
    server = createServer((_request, response) => response.end('hello'));
    sockets = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) => {
      if (refusal !== undefined) return socket.end(refusal);
      return sockets.handleUpgrade(request, socket, head, (peer) => {
        peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary }));
        peer.on('error', () => undefined);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    if (own === undefined) delete platform.WebSocket;
    else platform.WebSocket = own;
    for (const peer of sockets.clients) peer.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('opens a socket, sends and hears text, and closes', async () => {
    const { socket, opened, message, end } = open(`ws://${address}/ws`);
    await opened;
    socket.send('grüße');
    expect(await message).toBe('grüße');
    socket.close();
    socket.close();
    socket.send('too late');
    expect((await end).code).toBe(1000);
  });

  it('tells how the other side closed it', async () => {
    const { opened, end } = open(`ws://${address}/ws`);
    await opened;
    for (const peer of sockets.clients) peer.close(1001, 'draining');
    expect(await end).toEqual({ code: 1001, reason: 'draining' });
  });

  it('tells the status and the wish of a node that refuses', async () => {
    refusal = 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n';
    const { end } = open(`ws://${address}/ws`);
    expect(await end).toMatchObject(
      kind === 'with' ? { code: 1006 } : { code: 1006, status: 503, retryAfterMs: 2000 },
    );
  });

  it('tells that nobody listens', async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const { end } = open(`ws://${address}/ws`);
    expect(await end).toMatchObject({
      code: 1006,
      reason: expect.stringContaining(kind === 'with' ? '' : 'ECONNREFUSED'),
    });
  });

  it('gives up a socket that is closed before it is open', async () => {
    const { socket, end } = open(`ws://${address}/ws`);
    socket.close();
    expect([1000, 1006]).toContain((await end).code);
  });

  it('asks by HTTP', async () => {
    const { signal } = new AbortController();
    const response = await environment.fetch(`http://${address}/`, { method: 'GET', headers: {}, signal });
    expect([response.status, await response.text(), response.headers.get('nothing')]).toEqual([
      200,
      'hello',
      null,
    ]);
  });

  it('has timers that can be taken back', async () => {
    const { clock, scheduler, random } = environment;
    const ran: string[] = [];
    const startMs = clock.monotonicMs();
    scheduler.soon(() => ran.push('never'))();
    scheduler.after(1, () => ran.push('never'))();
    await new Promise<void>((resolve) => {
      const cancel = scheduler.every(2, () => {
        if (ran.push('every') < 3) return;
        cancel();
        scheduler.after(1.5, resolve);
      });
    });
    expect(ran).toEqual(['every', 'every', 'every']);
    expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(6);
    expect(Math.abs(clock.wallMs() - Date.now())).toBeLessThan(60_000);
    expect(random.id(20)).toMatch(/^[0-9a-z]{20}$/);
    expect(random.next()).toBeLessThan(1);
  });
});
