import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { get, HttpPeers, post, scheduler } from './http-peers.fixture.js';

const peers = new HttpPeers();
afterEach(() => peers.close());

describe('HttpPeerTransport: calls without an answer', () => {
  it('says unknown-host for a name that nobody has', async () => {
    const call = peers.transport().call('http://nobody.invalid:8080', get);
    await expect(call).rejects.toMatchObject({ kind: 'unknown-host' });
  });

  it.each([
    { name: 'half of a header', bytes: 'HTTP/1.1 200 OK\r\nContent-Le' },
    { name: 'half of a body', bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"a"' },
  ])('gives up in time on $name', async ({ bytes }) => {
    const url = await peers.serveBytes(bytes, { hangUp: false });
    await expect(peers.transport().call(url, { ...get, timeoutMs: 50 })).rejects.toMatchObject({
      kind: 'timeout',
    });
  });

  it('gives up in time on an answer that trickles', async () => {
    const { url } = await peers.serve((_request, response) => {
      const stop = scheduler.every(5, () => response.write(' '));
      response.on('close', stop);
    });
    await expect(peers.transport().call(url, { ...get, timeoutMs: 60 })).rejects.toMatchObject({
      kind: 'timeout',
    });
  });

  it('tells nobody the secret', async () => {
    const url = await peers.nowhere();
    const error: unknown = await peers
      .transport()
      .call(url, { ...get, headers: { authorization: 'Bearer s3cret' } })
      .catch((caught: unknown) => caught);
    const { cause } = error as { cause?: unknown };
    const told = JSON.stringify([error, cause, Object.entries(cause ?? {})]) + String((error as Error).stack);
    expect(told).not.toContain('s3cret');
  });
});

describe('HttpPeerTransport: connections', () => {
  it('uses a connection again', async () => {
    const { url, server } = await peers.serve((_request, response) => response.end());
    let connections = 0;
    server.on('connection', () => (connections += 1));
    const caller = peers.transport();
    for (let round = 0; round < 5; round += 1) await caller.call(url, post({ round }));
    expect(connections).toBe(1);
  });

  it('opens as many connections to one peer as permitted, and counts each peer for itself', async () => {
    const waiting: ServerResponse[] = [];
    const listen = () => peers.serve((_request, response) => void waiting.push(response));
    const [first, second] = await Promise.all([listen(), listen()]);
    let connections = 0;
    for (const { server } of [first, second]) server.on('connection', () => (connections += 1));
    const caller = peers.transport({ maxConnectionsPerPeer: 2 });
    const calls = [first, first, first, second].map(({ url }) => caller.call(url, get));
    const arrived = async (count: number): Promise<void> => {
      while (waiting.length < count) await new Promise<void>((resolve) => scheduler.after(5, resolve));
    };
    await arrived(3);
    await new Promise<void>((resolve) => scheduler.after(30, resolve));
    expect([waiting.length, connections]).toEqual([3, 3]);
    for (const response of waiting.splice(0)) response.end();
    await arrived(1);
    for (const response of waiting.splice(0)) response.end();
    await expect(Promise.all(calls)).resolves.toHaveLength(4);
    expect(connections).toBe(3);
  });
});
