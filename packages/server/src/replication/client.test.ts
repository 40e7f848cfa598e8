import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { get, HttpPeers, post } from './http-peers.fixture.js';
import { ListBody } from './list-body.js';

const peers = new HttpPeers();
afterEach(() => peers.close());

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

describe('HttpPeerTransport: what it sends', () => {
  it('sends a GET, and a POST without a body, without a content type', async () => {
    const { url } = await peers.serve(({ headers }, response) => answer(response, headers));
    for (const method of ['GET', 'POST'] as const) {
      const { body } = await peers.transport().call(url, { ...get, method });
      expect(body).not.toHaveProperty('content-type');
    }
  });

  it('packs bodies above the limit, and only these', async () => {
    const { url } = await peers.serve((request, response) => {
      void bodyOf(request).then((sent) => {
        const packed = request.headers['content-encoding'] === 'gzip';
        const plain = packed ? gunzipSync(sent) : sent;
        answer(response, { packed, sent: sent.length, plain: plain.length, text: plain.toString() });
      });
    });
    const caller = peers.transport({ compressMinBytes: 100 });
    // Four bytes are the quotes and the brackets.
    const small = await caller.call(url, post(['x'.repeat(96)]));
    expect(small.body).toMatchObject({ packed: false, sent: 100 });
    const body = ['x'.repeat(97)];
    // What goes to several peers is packed once.
    for (const large of await Promise.all([caller.call(url, post(body)), caller.call(url, post(body))])) {
      expect(large.body).toMatchObject({ packed: true, plain: 101, text: `["${'x'.repeat(97)}"]` });
      expect((large.body as { sent: number }).sent).toBeLessThan(100);
    }
  });

  it('has bodies write themselves, while others are packed still', async () => {
    const { url } = await peers.serve((request, response) => {
      const packed = request.headers['content-encoding'] === 'gzip';
      void bodyOf(request).then((sent) =>
        answer(response, [packed, JSON.parse((packed ? gunzipSync(sent) : sent).toString())]),
      );
    });
    const caller = peers.transport({ compressMinBytes: 100 });
    const lists = [1, 40_000, 2, 30_000, 20_000, 100].map((length, index) =>
      Array<string>(length).fill(`item ${index}`),
    );
    const bodies = lists.map((list) => new ListBody('list', list, (pieces, item) => pieces.value(item)));
    const answers = await Promise.all(bodies.map((body) => caller.call(url, post(body))));
    expect(answers.map(({ body }) => body)).toEqual(lists.map((list) => [list.length > 2, { list }]));
  });

  it('takes no proxy from the environment', async () => {
    const proxied: unknown[] = [];
    const proxy = await peers.serve((request, response) => {
      proxied.push(request.url);
      answer(response, {});
    });
    const { url } = await peers.serve((_request, response) => answer(response, { direct: true }));
    const before = { ...process.env };
    Object.assign(process.env, { http_proxy: proxy.url, HTTP_PROXY: proxy.url, no_proxy: '', NO_PROXY: '' });
    try {
      await expect(peers.transport().call(url, get)).resolves.toMatchObject({ body: { direct: true } });
    } finally {
      process.env = before;
    }
    expect(proxied).toEqual([]);
  });
});

describe('HttpPeerTransport: answers', () => {
  it('unpacks answers', async () => {
    const { url } = await peers.serve((request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip');
      response.setHeader('content-encoding', 'GZIP').setHeader('content-type', 'application/json');
      response.end(gzipSync('{"packed":true}'));
    });
    await expect(peers.transport().call(url, get)).resolves.toMatchObject({ body: { packed: true } });
  });

  it.each([
    {
      name: 'half of a JSON text',
      bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{"a"',
      kind: 'unparsable',
    },
    { name: 'what is no HTTP', bytes: 'SSH-2.0-OpenSSH_9.6\r\n', kind: 'unparsable' },
    {
      name: 'what is no gzip',
      bytes: 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd',
      kind: 'unparsable',
    },
    {
      name: 'what nobody asked for',
      bytes: 'HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\nabcd',
      kind: 'unparsable',
    },
    { name: 'half of an answer', bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"a"', kind: 'reset' },
    { name: 'no byte', bytes: '', kind: 'reset' },
  ])('calls $name $kind', async ({ bytes, kind }) => {
    const url = await peers.serveBytes(bytes, { hangUp: true });
    await expect(peers.transport().call(url, get)).rejects.toMatchObject({ name: 'TransportError', kind });
  });

  it('takes no more than the limit, counted after decompression', async () => {
    const { url } = await peers.serve((request, response) => {
      const packed = request.url === '/packed';
      if (packed) response.setHeader('content-encoding', 'gzip');
      const text = JSON.stringify('x'.repeat(2000));
      response.end(packed ? gzipSync(text) : text);
    });
    for (const path of ['/packed', '/plain']) {
      const tight = peers.transport({ maxAnswerBytes: 2001 }).call(url, { ...get, path });
      await expect(tight).rejects.toMatchObject({ kind: 'too-large' });
      const fitting = peers.transport({ maxAnswerBytes: 2002 }).call(url, { ...get, path });
      await expect(fitting).resolves.toMatchObject({ status: 200 });
    }
  });
});
