import type { RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Logger, Scheduler } from '@artemis/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createApp } from './app.js';
import { listen, type Listener, type ListenOptions } from './listen.js';
import { fakeNode } from './state.fixture.js';

const ignore = () => undefined;
const logger: Logger = { error: ignore, warn: ignore, info: ignore, debug: ignore };
/** Nothing that is planned for later happens, unless the test waits for just that. */
const idle: Scheduler = { soon: () => ignore, after: () => ignore, every: () => ignore };

const open: { listener: Listener; sockets: Socket[] }[] = [];

afterEach(async () => {
  for (const { listener, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await listener.close(0);
  }
});

/** Sends the text to a node and collects what comes back until the node ends the connection. */
async function send(text: string, options: Partial<ListenOptions> = {}): Promise<string> {
  const { state } = fakeNode();
  const address = { host: '127.0.0.1', port: 0, scheduler: idle, logger, node: state };
  const listener = await listen(createApp(state), { ...address, ...options });
  const socket = connect({ host: '127.0.0.1', port: listener.port });
  open.push({ listener, sockets: [socket] });
  socket.write(Buffer.from(text, 'latin1'));
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  await new Promise((resolve) => socket.on('error', resolve).on('end', resolve));
  return answer;
}

interface Parsed {
  readonly status: number;
  readonly headers: string;
  readonly body: unknown;
}

function parse(answer: string): Parsed {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { status: Number(head.slice(9, 12)), headers: head.toLowerCase(), body: JSON.parse(body) };
}

const failure = (message: unknown) => ({
  response_status: { error_code: 'bad-request', error_message: message },
});
const head = 'GET /health HTTP/1.1\r\nHost: a\r\n';

describe('what never becomes a request', () => {
  it.each([
    ['garbage', 'SSH-2.0-OpenSSH\r\n\r\n', 400, /no HTTP\/1\.1 request: .*method/i],
    ['a version of its own', 'GET / HTTP/9.9\r\n\r\n', 400, /version/i],
    ['a header without a colon', `${head}nonsense\r\n\r\n`, 400, /header/i],
    [
      'two framings',
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
      400,
      /Content-Length|Transfer-Encoding/,
    ],
    ['headers too large', `${head}X: ${'a'.repeat(20_000)}\r\n\r\n`, 431, /larger than 16384 bytes/],
  ])('is answered when it is %s', async (_what, text, status, message) => {
    const answer = parse(await send(text));
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual(failure(expect.stringMatching(message)));
    expect(answer.headers).toContain('content-type: application/json');
    expect(answer.headers).toContain('connection: close');
    expect(answer.headers).toMatch(/x-artemis-node: node1\r\n/);
    expect(answer.headers).toMatch(/x-artemis-clock: \d+/);
  });

  it('is answered when it takes too long', async () => {
    const answer = parse(await send(`${head}X-Slow: `, { requestTimeoutMs: 120 }));
    expect([answer.status, answer.body]).toEqual([408, failure('the request did not arrive in time')]);
  });

  it('comes after the answers to what came before it', async () => {
    const answers = await send(`${head}\r\nGARBAGE\r\n\r\n`);
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
  });

  it('is cut when the caller does not end the connection after the answer', async () => {
    const planned: { delayMs: number; task: () => void }[] = [];
    const scheduler: Scheduler = {
      ...idle,
      after: (delayMs, task) => {
        planned.push({ delayMs, task });
        return ignore;
      },
    };
    await send('GARBAGE\r\n\r\n', { scheduler });
    expect(planned.map(({ delayMs }) => delayMs)).toEqual([1000]);
    const { sockets } = open[0]!;
    const closed = new Promise((resolve) => sockets[0]?.once('close', resolve));
    planned[0]?.task();
    await closed;
  });
});

describe('a caller', () => {
  it('that takes no answer is let go', async () => {
    const large: RequestListener = (_req, res) => void res.end(Buffer.alloc(64 * 1024 * 1024));
    const address = { host: '127.0.0.1', port: 0, scheduler: idle, logger };
    const listener = await listen(large, { ...address, requestTimeoutMs: 120 });
    const socket = connect({ host: '127.0.0.1', port: listener.port });
    open.push({ listener, sockets: [socket] });
    socket.write(`${head}\r\n`);
    await new Promise((resolve) => socket.once('readable', resolve));
    // Closing waits for all connections, and cuts none of its own accord here.
    await listener.close(0);
    expect(socket.bytesRead).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('a request', () => {
  it('without a host is told so', async () => {
    const answer = parse(await send('GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'));
    expect([answer.status, answer.body]).toEqual([400, failure('the Host header is missing')]);
  });

  it.each(['http://elsewhere:1/health', 'http://[/health'])('may name its target %s', async (target) => {
    const text = `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
    expect(await send(text)).toMatch(/^HTTP\/1\.1 200 OK[^]*OK$/);
  });

  it.each(['http://[', 'http://a?x=y', 'HTTP://', '*'])('for %s finds no such path', async (target) => {
    const answer = parse(await send(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`));
    expect([answer.status, answer.headers]).toEqual([404, expect.stringContaining('x-artemis-node: node1')]);
    expect(answer.body).toMatchObject({ response_status: { error_code: 'data-not-found' } });
  });

  it('that expects what nobody promised is served all the same', async () => {
    expect(await send(`${head}Connection: close\r\nExpect: miracles\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 OK/);
  });
});
