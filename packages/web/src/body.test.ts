import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { connect, inject, start, type Injected } from './inject.fixture.js';
import { instance } from './state.fixture.js';

const path = '/api/registry/register.json';
const json = { 'Content-Type': 'application/json' };
const maxBodyBytes = 2_000;

const startSmall = () => start({ http: { maxBodyBytes } });

interface Outcome {
  readonly status: number;
  readonly message: string | undefined;
  /** What the registry was handed, if it was called. */
  readonly instances: unknown;
}

async function post(request: Omit<Injected, 'path'>): Promise<Outcome> {
  const { app, calls } = startSmall();
  const answer = await inject(app, { method: 'POST', path, ...request });
  const { response_status: status } = answer.json() as { response_status: { error_message?: string } };
  return {
    status: answer.status,
    message: status.error_message,
    instances: calls.find(([name]) => name === 'register')?.[1],
  };
}

const good = JSON.stringify({ instances: [instance] });
const taken = { status: 200, message: undefined, instances: [instance] };

describe('content types', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/json; charset=utf8',
  ])('takes %s', async (type) => {
    expect(await post({ headers: { 'Content-Type': type }, body: good })).toEqual(taken);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'application/json; charset=latin1',
  ])('refuses %s with 415', async (type) => {
    const { status, message, instances } = await post({ headers: { 'Content-Type': type }, body: good });
    expect([status, instances]).toEqual([415, undefined]);
    expect(message).toMatch(/^expected (Content-Type application\/json|charset utf-8), got /);
  });

  it('refuses a body without one, and no body at all, with 415', async () => {
    expect(await post({ body: good })).toMatchObject({
      status: 415,
      message: expect.stringContaining('got none'),
    });
    expect(await post({})).toMatchObject({ status: 415 });
  });
});

describe('malformed JSON', () => {
  it.each([
    ['', 'the body is empty'],
    [' \n', 'the body is empty'],
    ['{"instances":[}', `Unexpected token '}', "{"instances":[}"`],
    ['{"instances":', 'at position 13'],
    ['{"instances":[]} x', 'at position 17'],
    ["{'instances':[]}", 'at position 1'],
    ['nonsense', 'is not valid JSON'],
    [`{"a":"${'\n'}"}`, 'at position 6'],
  ])('%j is 400 and says where', async (body, where) => {
    const { status, message, instances } = await post({ headers: json, body });
    expect([status, instances]).toEqual([400, undefined]);
    expect(message).toMatch(/^malformed JSON: /);
    expect(message).toContain(where);
  });

  it('must be UTF-8; a byte order mark does no harm', async () => {
    const latin = Buffer.from('{"instances":["é"]}', 'latin1');
    expect(await post({ headers: json, body: latin })).toMatchObject({
      status: 400,
      message: 'the body is not UTF-8',
    });
    expect(await post({ headers: json, body: `\uFEFF${good}` })).toEqual(taken);
  });

  it('nested without end is refused, brackets inside of texts are not counted', async () => {
    const deep = `{"instances":[${'['.repeat(900)}${']'.repeat(900)}]}`;
    expect(await post({ headers: json, body: deep })).toMatchObject({
      status: 400,
      message: 'malformed JSON: nested deeper than 100 levels',
    });
    const quoted = { instances: [{ a: `\\"${'[{'.repeat(200)}` }] };
    expect(await post({ body: quoted })).toMatchObject({ status: 200, instances: quoted.instances });
  });

  it('cannot reach prototypes', async () => {
    const body =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"instances":[{"__proto__":{"ip":1}}]}';
    const { status, instances } = await post({ headers: json, body });
    expect([status, ({} as { polluted?: unknown }).polluted]).toEqual([200, undefined]);
    expect((instances as { ip?: unknown }[])[0]?.ip).toBeUndefined();
    const inherited = '{"__proto__":{"instances":[]}}';
    expect(await post({ headers: json, body: inherited })).toMatchObject({
      status: 422,
      message: expect.stringMatching(/^instances: /),
    });
  });
});

describe('encodings', () => {
  it.each([
    ['gzip', gzipSync(good)],
    ['GZIP', gzipSync(good)],
    ['deflate', deflateSync(good)],
    ['identity', Buffer.from(good)],
  ])('takes %s', async (encoding, body) => {
    expect(await post({ headers: { ...json, 'Content-Encoding': encoding }, body })).toEqual(taken);
  });

  it.each([
    ['br', brotliCompressSync(good)],
    ['gzip, gzip', gzipSync(gzipSync(good))],
    ['zstd', Buffer.from(good)],
  ])('refuses %s with 415', async (encoding, body) => {
    const { status, message } = await post({ headers: { ...json, 'Content-Encoding': encoding }, body });
    expect([status, message]).toEqual([
      415,
      expect.stringContaining('expected Content-Encoding gzip, deflate or identity'),
    ]);
  });

  const zipped = gzipSync(good);
  it.each([
    ['is not compressed', Buffer.from(good)],
    ['ends too early', zipped.subarray(0, -6)],
    ['is damaged', Buffer.concat([zipped.subarray(0, 20), Buffer.alloc(20, 0xff), zipped.subarray(40)])],
    ['is empty', Buffer.alloc(0)],
  ])('answers 400 when a gzip body %s', async (_what, body) => {
    const { status, instances } = await post({ headers: { ...json, 'Content-Encoding': 'gzip' }, body });
    expect([status, instances]).toEqual([400, undefined]);
  });

  it('takes chunked bodies, cut anywhere, compressed or not', async () => {
    const cut = (bytes: Buffer) => [bytes.subarray(0, 3), bytes.subarray(3, 40), bytes.subarray(40)];
    expect(await post({ headers: json, body: cut(Buffer.from(good)) })).toEqual(taken);
    expect(await post({ headers: { ...json, 'Content-Encoding': 'gzip' }, body: cut(zipped) })).toEqual(
      taken,
    );
  });
});

describe('sizes', () => {
  const sized = (bytes: number) => JSON.stringify({ instances: [], a: 'x'.repeat(bytes - 23) }).padEnd(bytes);

  it('takes a body of exactly the limit', async () => {
    expect(sized(maxBodyBytes)).toHaveLength(maxBodyBytes);
    expect(await post({ headers: json, body: sized(maxBodyBytes) })).toMatchObject({ status: 200 });
  });

  it('refuses one byte more, declared or chunked, with 413', async () => {
    const body = sized(maxBodyBytes + 1);
    const tooLarge = {
      status: 413,
      message: expect.stringContaining('2000 bytes (server.max_body_bytes)'),
      instances: undefined,
    };
    expect(await post({ headers: json, body })).toEqual(tooLarge);
    expect(await post({ headers: json, body: [Buffer.from(body)] })).toEqual(tooLarge);
  });

  it('does not wait for a body that says it is too large', async () => {
    const { near } = connect(startSmall().app);
    const head = [
      `POST ${path} HTTP/1.1`,
      'Host: a',
      'Content-Type: application/json',
      'Content-Length: 2001',
    ];
    near.write(`${head.join('\r\n')}\r\n\r\n`);
    const answer = await new Promise<Buffer>((resolve) => near.once('data', resolve));
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    near.destroy();
  });

  it('counts inflated bytes', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, ' '), { level: 9 });
    const chunks = [bomb.subarray(0, 1_000), bomb.subarray(1_000)];
    const headers = { ...json, 'Content-Encoding': 'gzip' };
    expect(await post({ headers, body: chunks })).toMatchObject({ status: 413 });
    expect(await post({ headers, body: gzipSync(sized(maxBodyBytes + 1)) })).toMatchObject({ status: 413 });
    expect(await post({ headers, body: gzipSync(sized(maxBodyBytes)) })).toMatchObject({ status: 200 });
  });
});
