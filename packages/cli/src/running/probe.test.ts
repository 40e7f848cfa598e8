import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { probe, probeTarget } from './probe.js';

describe('probeTarget', () => {
  it.each([
    ['/health?x=1', { kind: 'http', url: 'http://[::1]:80/health?x=1' }],
    ['https://a.example/b', { kind: 'http', url: 'https://a.example/b' }],
    ['tcp://10.0.0.1:90', { kind: 'tcp', host: '10.0.0.1', port: 90 }],
    ['tcp://[::1]:90/', { kind: 'tcp', host: '::1', port: 90 }],
    ['tcp://10.0.0.1', undefined],
    ['tcp://10.0.0.1:0', undefined],
    ['health', undefined],
    ['http://', undefined],
    ['ftp://a', undefined],
  ])('%s', (text, expected) => {
    expect(probeTarget(text, '[::1]:80')).toEqual(expected);
  });
});

describe('probe', () => {
  let server: Server | TcpServer | undefined;
  const patient = 20_000;

  afterEach(() => {
    server?.close();
    if (server && 'closeAllConnections' in server) server.closeAllConnections();
  });

  async function listening<Kind extends Server | TcpServer>(made: Kind): Promise<number> {
    server = made;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  it.each([
    [200, undefined],
    [204, undefined],
    [302, undefined],
    [404, 'HTTP 404'],
    [503, 'HTTP 503'],
  ])('HTTP %s: %s', async (status, expected) => {
    const port = await listening(
      createServer((_request, response) =>
        response.writeHead(status, { location: '/elsewhere' }).end('text'),
      ),
    );
    expect(await probe({ kind: 'http', url: `http://127.0.0.1:${port}/health` }, patient)).toBe(expected);
  });

  it('does not wait for the end of an answer', async () => {
    const port = await listening(createServer((_request, response) => response.writeHead(200).write('…')));
    expect(await probe({ kind: 'http', url: `http://127.0.0.1:${port}/` }, patient)).toBeUndefined();
  });

  it('has the patience that it is given', async () => {
    const port = await listening(createServer(() => undefined));
    expect(await probe({ kind: 'http', url: `http://127.0.0.1:${port}/` }, 20)).toBe('silent for 0.02 s');
  });

  it('knows whether somebody listens', async () => {
    const port = await listening(createTcpServer((socket) => socket.end()));
    const tcp = { kind: 'tcp', host: '127.0.0.1', port } as const;
    expect(await probe(tcp, patient)).toBeUndefined();
    server?.close();
    expect(await probe(tcp, patient)).toBe('connection refused');
    expect(await probe({ kind: 'http', url: `http://127.0.0.1:${port}/` }, patient)).toBe(
      'connection refused',
    );
  });
});
