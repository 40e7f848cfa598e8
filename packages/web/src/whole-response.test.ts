import { createServer, type ServerOptions, type ServerResponse } from 'node:http';
import { duplexPair } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { Bytes } from './encoded.js';
import { ownMessages } from './listen.js';
import type { WholeResponse } from './whole-response.js';

const usual = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const lines = 'A: 1\r\nB: 2\r\n';

/** All that a server says to these requests, until there is nothing more. */
async function saidTo(
  requests: string,
  answer: (res: ServerResponse) => void,
  options: ServerOptions = ownMessages,
): Promise<string> {
  const [near, far] = duplexPair();
  const server = createServer(options, (_req, res) => answer(res));
  server.emit('connection', far);
  const chunks: Buffer[] = [];
  near.on('data', (chunk: Buffer) => chunks.push(chunk));
  near.write(requests);
  // What is written passes through several turns of both streams.
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
  near.destroy();
  far.destroy();
  return Buffer.concat(chunks).toString('latin1');
}

function sendWhole(res: ServerResponse, body: Bytes = 'whole', status = 200): boolean {
  return (res as WholeResponse).sendWhole(status, lines, body, 1_000_500);
}

const undated = (said: string): string => said.replace(/Date: [^\r]*/g, 'Date: now');

describe('a response that leaves in one piece', () => {
  it.each<[string, number, Bytes]>([
    ['text', 200, 'body'],
    ['no body', 200, ''],
    ['text of which each character is a byte', 200, '\xff\xfe\x00\x80'],
    ['bytes', 404, Buffer.from('bytes')],
    ['many bytes', 200, Buffer.alloc(100_000, 'x')],
  ])('is what Node makes of the same: %s', async (_name, status, body) => {
    const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
    const length = `Content-Length: ${bytes.length}\r\n`;
    const said = await saidTo(usual, (res) =>
      expect((res as WholeResponse).sendWhole(status, lines + length, body, 0)).toBe(true),
    );
    const byNode = await saidTo(
      usual,
      (res) => res.writeHead(status, ['A', '1', 'B', '2', 'Content-Length', String(bytes.length)]).end(bytes),
      { keepAliveTimeout: ownMessages.keepAliveTimeout },
    );
    expect(undated(said)).toBe(undated(byNode));
  });

  it('is so without a body, where there is none', async () => {
    const said = await saidTo(usual, (res) => void sendWhole(res, '', 304));
    const byNode = await saidTo(usual, (res) => res.writeHead(304, ['A', '1', 'B', '2']).end(), {
      keepAliveTimeout: ownMessages.keepAliveTimeout,
    });
    expect(undated(said)).toBe(undated(byNode));
  });

  it('tells the date that it is given, to the second', async () => {
    expect(await saidTo(usual, (res) => void sendWhole(res))).toContain(
      '\r\nDate: Thu, 01 Jan 1970 00:16:40 GMT\r\n',
    );
  });

  it('has been sent when it is, as others are', async () => {
    const events: string[] = [];
    await saidTo(usual, (res) => {
      for (const event of ['finish', 'close']) res.on(event, () => events.push(event));
      sendWhole(res, 'x', 404);
      events.push(`${res.headersSent} ${res.writableEnded} ${res.statusCode}`);
      res.once('close', () => events.push(String(res.writableFinished)));
    });
    expect(events).toEqual(['true true 404', 'finish', 'close', 'true']);
  });

  it('waits for those that were asked before it', async () => {
    const open: ServerResponse[] = [];
    const said = await saidTo(usual + usual, (res) => {
      open.push(res);
      if (open.length < 2) return;
      expect(sendWhole(res, 'second')).toBe(true);
      expect(sendWhole(open[0] as ServerResponse, 'first')).toBe(true);
    });
    expect(said.indexOf('first')).toBeGreaterThan(0);
    expect(said.indexOf('second')).toBeGreaterThan(said.indexOf('first'));
  });

  it.each<[string, string, (res: ServerResponse) => void]>([
    ['a connection that ends', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', () => undefined],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', () => undefined],
    ['HEAD', 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n', () => undefined],
    ['a header that is set already', usual, (res) => res.setHeader('C', '3')],
  ])('is left to Node, and untouched, for %s', async (_name, request, prepare) => {
    const said = await saidTo(request, (res) => {
      prepare(res);
      expect([sendWhole(res, 'x', 404), res.headersSent, res.statusCode]).toEqual([false, false, 200]);
      res.end('by Node');
    });
    expect(said).toContain('HTTP/1.1 200 OK');
  });

  it('is left to Node when its head has gone out', async () => {
    await saidTo(usual, (res) => {
      res.writeHead(200).write('x');
      expect(sendWhole(res)).toBe(false);
      res.end();
    });
  });
});
