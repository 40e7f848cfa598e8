import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { CollectedLogger, VirtualTime } from '@artemis/core/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ClientError } from '../client-error.js';
import { Deferred } from '../waiting.js';
import { registerServer, type RegisterServerOptions } from './register-server.js';
import { FakeClient, FakeProcess } from './server-stage.fixture.js';

let time: VirtualTime;
let client: FakeClient;
let process: FakeProcess;
let logger: CollectedLogger;
let server: Server;

beforeEach(() => {
  time = new VirtualTime();
  client = new FakeClient();
  process = new FakeProcess();
  logger = new CollectedLogger();
  server = createServer((_request, response) => response.end('served'));
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function register(options: Partial<RegisterServerOptions> = {}) {
  const common = { client, process, logger, scheduler: time.scheduler, instance: { service_id: 'orders' } };
  return registerServer(server, { ...common, ...options });
}

async function listen(): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await time.settle();
  return (server.address() as { port: number }).port;
}

describe('a server', () => {
  it('is registered with what it listens on, once it listens', async () => {
    const life = register({ instance: { service_id: 'orders', metadata: { weight: '2' } } });
    await time.advance(5000);
    expect(client.instances).toEqual([]);
    const port = await listen();
    await life.registered();
    expect(client.instances).toEqual([
      {
        service_id: 'orders',
        instance_id: `127.0.0.1:${port}`,
        protocol: 'http',
        ip: '127.0.0.1',
        port,
        url: `http://127.0.0.1:${port}`,
        status: 'up',
        metadata: { weight: '2' },
      },
    ]);
    expect(life.status).toBe('up');
  });

  it('is registered at once when it listens already, under the host and id that it is given', async () => {
    const port = await listen();
    register({ host: 'orders.example', instance: { service_id: 'orders', instance_id: 'mine' } });
    await time.settle();
    expect(client.instances).toMatchObject([
      { instance_id: 'mine', ip: 'orders.example', url: `http://orders.example:${port}` },
    ]);
  });

  it('starts, is up when it is ready, and unhealthy when it is ready no more', async () => {
    let isReady = false;
    const life = register({ isReady: () => isReady });
    await listen();
    await time.advance(3000);
    expect([...client.told]).toEqual(['starting']);
    isReady = true;
    await time.advance(1000);
    isReady = false;
    await time.advance(3000);
    isReady = true;
    await time.advance(1000);
    expect(client.told).toEqual(['starting', 'up', 'unhealthy', 'up']);
    expect(life.status).toBe('up');
  });

  it('tells its status again when it could not be told', async () => {
    let isReady = true;
    register({ isReady: () => isReady });
    await listen();
    isReady = false;
    client.refusal = new ClientError('refused', 'not now');
    await time.advance(1000);
    expect(client.told).toEqual(['up']);
    await time.advance(1000);
    expect(client.told).toEqual(['up', 'unhealthy']);
    expect(logger.lines.map(({ level }) => level)).toEqual(['warn']);
  });

  it('catches up with what changed while it was being registered', async () => {
    let isReady = false;
    client.gate = new Deferred();
    register({ isReady: () => isReady });
    await listen();
    isReady = true;
    await time.advance(2000);
    client.gate.resolve();
    await time.settle();
    expect(client.told).toEqual(['starting', 'up']);
  });

  it('says why it is not registered', async () => {
    client.refusal = new ClientError('invalid', 'service_id: too long');
    const life = register();
    const refused = expect(life.registered()).rejects.toThrow('service_id: too long');
    await listen();
    await refused;
    expect(logger.lines.map(({ level }) => level)).toEqual(['error']);
  });
});

describe('a registered server', () => {
  it('is unregistered when it closes, though a caller holds on to its connection', async () => {
    const port = await listen();
    register();
    await time.settle();
    const held = await fetch(`http://127.0.0.1:${port}`);
    server.close();
    await time.advance(1000);
    expect(client.told).toEqual(['up', 'gone']);
    await held.text();
  });

  it('is unregistered once, goes on serving, and leaves the process as it was', async () => {
    const port = await listen();
    const life = register();
    await life.registered();
    await Promise.all([life.close(), life.close()]);
    await life[Symbol.asyncDispose]();
    expect(client.told).toEqual(['up', 'gone']);
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('served');
    expect(process.listenerCount()).toBe(0);
    expect(life.status).toBeUndefined();
    await time.advance(5000);
    expect(client.told).toEqual(['up', 'gone']);
  });

  it('is left alone when the client is closed', async () => {
    let isReady = true;
    await listen();
    const life = register({ isReady: () => isReady });
    await time.settle();
    isReady = false;
    client.refusal = new ClientError('closed', 'the client is closed');
    await time.advance(5000);
    expect(life.status).toBeUndefined();
    expect(process.listenerCount()).toBe(0);
    expect(logger.lines).toEqual([]);
    expect(server.listening).toBe(true);
  });

  it('is not registered after all when it closes before', async () => {
    client.gate = new Deferred();
    const life = register();
    const closed = expect(life.registered()).rejects.toMatchObject({ code: 'closed' });
    await listen();
    await life.close();
    await closed;
    client.gate.resolve();
    await time.advance(5000);
    expect(client.told).toEqual([]);
    expect(logger.lines).toEqual([]);
  });
});

describe('on SIGTERM', () => {
  it('a server is unregistered before it closes, and then the process ends as it would have', async () => {
    const port = await listen();
    register();
    await time.settle();
    const order: string[] = [];
    server.once('close', () => order.push(`closed after ${client.told.at(-1)}`));
    const closed = once(server, 'close');
    process.send();
    process.send();
    await time.advance(499);
    expect(client.told).toEqual(['up', 'gone']);
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('served');
    await time.advance(1);
    await closed;
    await time.settle();
    expect(order).toEqual(['closed after gone']);
    expect(process.raised).toEqual(['SIGTERM']);
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
  });

  it('a call that never ends holds the process for ten seconds at most', async () => {
    server.removeAllListeners('request');
    const port = await listen();
    register();
    const called = once(server, 'request');
    const call = fetch(`http://127.0.0.1:${port}`).catch(() => 'cut');
    await called;
    process.send();
    await time.advance(500 + 9999);
    expect(process.raised).toEqual([]);
    await time.advance(1);
    expect(process.raised).toEqual(['SIGTERM']);
    server.closeAllConnections();
    expect(await call).toBe('cut');
  });

  it('a server that never listened holds nothing up', async () => {
    register();
    process.send();
    await time.settle();
    expect(process.raised).toEqual(['SIGTERM']);
    expect(client.told).toEqual([]);
  });

  it('who else listens to the signal decides how it ends', async () => {
    await listen();
    process.on('SIGTERM', () => undefined);
    register();
    await time.settle();
    process.send();
    await time.advance(20_000);
    expect(client.told).toEqual(['up', 'gone']);
    expect(process.raised).toEqual([]);
    expect(server.listening).toBe(true);
  });
});
