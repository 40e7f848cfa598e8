import { Agent, request, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Logger, Scheduler } from '@artemis/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createApp } from './app.js';
import { listen, type Listener, type ListenOptions } from './listen.js';
import { fakeNode, instance } from './state.fixture.js';

const ignore = () => undefined;
const silent: Logger = { error: ignore, warn: ignore, info: ignore, debug: ignore };

/** Runs what is planned for later when the test says that it is later. */
class HandScheduler implements Scheduler {
  readonly planned: { delayMs: number; task: () => void }[] = [];

  soon(task: () => void) {
    const handle = setImmediate(task);
    return () => clearImmediate(handle);
  }

  after(delayMs: number, task: () => void) {
    const entry = { delayMs, task };
    this.planned.push(entry);
    return () => void this.planned.splice(this.planned.indexOf(entry), 1);
  }

  every(): never {
    throw new Error('not used here');
  }

  runAll(): void {
    for (const { task } of this.planned.splice(0)) task();
  }
}

interface Served {
  readonly listener: Listener;
  readonly scheduler: HandScheduler;
  readonly agent: Agent;
}

const running: Served[] = [];

afterEach(async () => {
  for (const { listener, scheduler, agent } of running.splice(0)) {
    agent.destroy();
    const closed = listener.close(0);
    scheduler.runAll();
    await closed;
  }
});

async function serve(app: RequestListener, options: Partial<ListenOptions> = {}): Promise<Served> {
  const scheduler = new HandScheduler();
  const listener = await listen(app, { host: '127.0.0.1', port: 0, scheduler, logger: silent, ...options });
  const served = { listener, scheduler, agent: new Agent({ keepAlive: true }) };
  running.push(served);
  return served;
}

interface Answer {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  readonly text: string;
}

/** A GET, or a POST of these chunks, over the connections of the agent. */
function call({ listener, agent }: Served, path = '/', chunks?: readonly string[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const method = chunks === undefined ? 'GET' : 'POST';
    const headers = chunks === undefined ? {} : { 'Content-Type': 'application/json' };
    const sent = request({ host: '127.0.0.1', port: listener.port, agent, method, path, headers });
    sent.on('error', reject);
    sent.on('response', (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode, connection: response.headers.connection, text }),
      );
    });
    for (const chunk of chunks ?? []) sent.write(chunk);
    sent.end();
  });
}

/** An app whose requests wait until the test answers them. */
function waitingApp() {
  let arrived: (res: ServerResponse) => void = ignore;
  return {
    app: ((_req, res) => {
      arrived(res);
    }) satisfies RequestListener,
    next: () => new Promise<ServerResponse>((resolve) => (arrived = resolve)),
  };
}

function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => resolve(socket));
    socket.on('error', reject);
  });
}

const ended = (socket: Socket) =>
  new Promise<string>((resolve) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.once('close', () => resolve(text));
  });

describe('listening', () => {
  it('serves the app on the port that it names', async () => {
    const { state, calls } = fakeNode();
    const served = await serve(createApp(state));
    expect(served.listener.host).toBe('127.0.0.1');
    expect(served.listener.port).toBeGreaterThan(0);
    expect((await call(served, '/health')).text).toBe('OK');
    const body = JSON.stringify({ instances: [instance] });
    const answer = await call(served, '/api/registry/register.json', [body.slice(0, 9), body.slice(9)]);
    expect(answer.status).toBe(200);
    expect(calls).toEqual([
      ['take', '127.0.0.1'],
      ['register', [instance]],
    ]);
  });

  it('says so when the port is taken', async () => {
    const { listener } = await serve(ignore);
    await expect(serve(ignore, { port: listener.port })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${listener.port}: the port is taken`,
    );
  });

  it('says so when the address is not of this machine', async () => {
    await expect(serve(ignore, { host: '203.0.113.1', port: 8080 })).rejects.toThrow(
      /^cannot listen on 203\.0\.113\.1:8080: no network interface/,
    );
    await expect(serve(ignore, { host: '2001:db8::1', port: 8080 })).rejects.toThrow(
      /^cannot listen on \[2001:db8::1\]:8080: /,
    );
  });

  it('keeps idle connections for longer than load balancers do', async () => {
    const served = await serve((_req, res) => res.end('x'));
    expect((await call(served)).connection).toBe('keep-alive');
    const socket = await openSocket(served.listener.port);
    socket.end('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await ended(socket)).toMatch(/Keep-Alive: timeout=65\r\n/);
  });

  it('gives up on requests that do not come to an end', async () => {
    const { listener } = await serve(createApp(fakeNode().state), { requestTimeoutMs: 60 });
    const unfinished = [
      'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ',
      'POST /api/registry/register.json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n',
    ];
    for (const start of unfinished) {
      const socket = await openSocket(listener.port);
      socket.write(start);
      expect(await ended(socket)).toMatch(/^HTTP\/1\.1 408 /);
    }
  });
});

describe('handing over', () => {
  it('answers on, ending each connection with its next answer', async () => {
    const { app, next } = waitingApp();
    const served = await serve(app);
    const arrived = next();
    const underWay = call(served);
    const res = await arrived;
    served.listener.handOver();
    res.end('one');
    expect(await underWay).toMatchObject({ connection: 'close', text: 'one' });
    const later = next();
    const fresh = call(served);
    (await later).end('two');
    expect(await fresh).toMatchObject({ status: 200, connection: 'close', text: 'two' });
  });
});

describe('closing', () => {
  it('ends idle connections and those that never sent anything, and accepts no new ones', async () => {
    const served = await serve((_req, res) => res.end('x'));
    await call(served);
    const fresh = await openSocket(served.listener.port);
    // A second answered request shows that the server has seen the connection before it.
    await call(served);
    const freshEnd = ended(fresh);
    await served.listener.close(5_000);
    expect(await freshEnd).toBe('');
    expect(served.scheduler.planned).toEqual([]);
    await expect(openSocket(served.listener.port)).rejects.toThrow('ECONNREFUSED');
  });

  it('lets requests under way be answered, with Connection: close', async () => {
    const { app, next } = waitingApp();
    const served = await serve(app);
    const arrived = next();
    const answer = call(served);
    const res = await arrived;
    const closed = served.listener.close(5_000);
    expect(served.scheduler.planned).toMatchObject([{ delayMs: 5_000 }]);
    res.end('answered');
    expect(await answer).toEqual({ status: 200, connection: 'close', text: 'answered' });
    await closed;
    expect(served.scheduler.planned).toEqual([]);
  });

  it('ends a connection after an answer whose headers had left before', async () => {
    const { app, next } = waitingApp();
    const served = await serve(app);
    const arrived = next();
    const answer = call(served);
    const res = await arrived;
    await new Promise<void>((resolve) => res.write('half ', () => resolve()));
    const closed = served.listener.close(5_000);
    res.end('and half');
    expect(await answer).toEqual({ status: 200, connection: 'keep-alive', text: 'half and half' });
    await closed;
  });

  it('answers what still comes in on an open connection, and that it ends', async () => {
    const { app, next } = waitingApp();
    const served = await serve(app);
    const socket = await openSocket(served.listener.port);
    const text = ended(socket);
    const arrived = next();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const first = await arrived;
    first.write('one');
    const closed = served.listener.close(5_000);
    const later = next();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const second = await later;
    first.end();
    second.end('two');
    expect(await text).toMatch(/Connection: keep-alive[^]*one[^]*Connection: close[^]*two/);
    await closed;
  });

  it('cuts what is not answered at the deadline', async () => {
    const { app, next } = waitingApp();
    const served = await serve(app);
    const arrived = next();
    const failed = expect(call(served)).rejects.toThrow('socket hang up');
    await arrived;
    const closed = served.listener.close(5_000);
    served.scheduler.runAll();
    await closed;
    await failed;
  });

  it('can be asked for twice', async () => {
    const { listener } = await serve(ignore);
    const first = listener.close(5_000);
    expect(listener.close(1)).toBe(first);
    await first;
  });
});
