import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { SeededRandom } from '@artemis/core/testing';
import { httpBytes, type FuzzRequest, type Way } from './fuzz-request.js';
import { writeJson } from './json-writer.js';
import { headersFor } from './route-requests.js';
import type { FuzzedRoute } from './schema-values.js';
import { jsonType, type HeaderList, type Maker, type World } from './world.js';

/** A body that is not what it should be, before anybody looks at what it says. */
export const bodyRequest: Maker = (world, random) => {
  const route = random.pick(world.api.routes.filter(({ body }) => body !== undefined));
  const valid = writeJson(world.api.valid(route.body ?? {}, random));
  return random.pick([brokenText, wrongType, wrongEncoding, inPieces])({ world, random, route, valid });
};

interface Task {
  readonly world: World;
  readonly random: SeededRandom;
  readonly route: FuzzedRoute;
  /** JSON of a right body. */
  readonly valid: string;
}

interface Shape {
  readonly label: string;
  readonly body: Buffer | string;
  readonly headers?: HeaderList;
  readonly expected?: readonly number[];
  readonly way?: Way;
  readonly mayClose?: boolean;
  /** The body as the node reads it. Default: the right one. */
  readonly json?: string;
}

function made({ world, route, valid }: Task, shape: Shape): FuzzRequest {
  const { label, body, headers = jsonType, expected, way = 'whole', mayClose, json = valid } = shape;
  const target = route.paths[0] ?? '';
  return {
    label: `${route.name}: ${label}`,
    way,
    method: 'POST',
    route,
    bytes: httpBytes({ method: 'POST', target, headers: [...headersFor(world, route), ...headers], body }),
    json,
    ...(expected === undefined ? {} : { expected }),
    ...(mayClose === undefined ? {} : { mayClose }),
  };
}

function brokenText(task: Task): FuzzRequest {
  const { random, valid } = task;
  const flipped = Buffer.from(valid);
  flipped[random.int(0, flipped.length - 1)] = random.int(0, 255);
  const cut = valid.slice(0, random.int(0, valid.length - 1));
  const shape = random.pick<Shape>([
    { label: 'cut off', body: cut, expected: [400] },
    { label: 'twice', body: valid + valid, expected: [400] },
    { label: 'with a tail', body: `${valid}x`, expected: [400] },
    { label: 'with a comma too many', body: valid.replace(/\}$/, ',}'), expected: [400] },
    { label: 'empty', body: '', expected: [400] },
    { label: 'blank', body: ' \n\t\r ', expected: [400] },
    { label: 'a byte changed', body: flipped },
    { label: 'UTF-16', body: Buffer.from(valid, 'utf16le'), expected: [400] },
    {
      label: 'no UTF-8',
      body: Buffer.concat([Buffer.from(valid), Buffer.from([0xc0, 0x80])]),
      expected: [400],
    },
    { label: 'cut within a character', body: Buffer.from('{"a":"é').subarray(0, -1), expected: [400] },
    { label: 'a single text', body: '"text"', expected: [422] },
    { label: 'null', body: 'null', expected: [422] },
    { label: 'with a byte order mark', body: `\ufeff${valid}` },
    { label: 'NUL bytes', body: Buffer.alloc(100), expected: [400] },
    { label: 'a form', body: 'a=1&b=2', expected: [400] },
    {
      label: 'random bytes',
      body: Buffer.from(Array.from({ length: 300 }, () => random.int(0, 255))),
      expected: [400],
    },
  ]);
  return made(task, { ...shape, json: shape.body.toString('utf8') });
}

function wrongType(task: Task): FuzzRequest {
  const { random, valid } = task;
  const type = random.pick([
    '',
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/json;charset="',
    'application/jsonx',
    'application',
    ';',
    'application/json, text/plain',
    `application/${'x'.repeat(5_000)}`,
    '\x80\xff',
  ]);
  const absent = random.chance(0.15);
  return made(task, {
    label: absent ? 'without Content-Type' : `Content-Type ${type.slice(0, 50)}`,
    body: valid,
    headers: absent ? [] : [['Content-Type', type]],
    expected: [415],
  });
}

function wrongEncoding(task: Task): FuzzRequest {
  const { random, valid } = task;
  const gzip = gzipSync(valid);
  const damaged = Buffer.from(gzip);
  damaged[random.int(10, damaged.length - 1)]! ^= 1 + random.int(0, 254);
  const [label, encoding, body, ...expected] = random.pick<[string, string, Buffer, ...number[]]>([
    ['gzip as it should be', 'gzip', gzip],
    ['deflate as it should be', 'deflate', deflateSync(valid)],
    ['gzip in capitals', ' GZIP ', gzip],
    ['gzip cut off', 'gzip', gzip.subarray(0, random.int(1, gzip.length - 1)), 400],
    ['gzip damaged', 'gzip', damaged],
    ['gzip with a tail', 'gzip', Buffer.concat([gzip, Buffer.from('tail')])],
    ['gzip twice', 'gzip', gzipSync(gzip), 400],
    ['two bodies of gzip', 'gzip', Buffer.concat([gzip, gzip]), 400],
    ['gzip that is none', 'gzip', Buffer.from(valid), 400],
    ['gzip of nothing', 'gzip', gzipSync(''), 400],
    ['nothing as gzip', 'gzip', Buffer.alloc(0), 400],
    ['deflate without its head', 'deflate', deflateRawSync(valid), 400],
    ['deflate that is none', 'deflate', Buffer.from(valid), 400],
    ['gzip called deflate', 'deflate', gzip, 400],
    ['gzip called nothing', 'identity', gzip, 400],
    ['brotli', 'br', gzip, 415],
    ['two encodings', 'gzip, gzip', gzipSync(gzip), 415],
    ['an encoding of thousands', 'gzip,'.repeat(1_000), gzip, 415],
    ['an unknown encoding', 'x-\xff', gzip, 415],
  ]);
  return made(task, {
    label,
    body,
    headers: [...jsonType, ['Content-Encoding', encoding]],
    ...(expected.length > 0 ? { expected } : {}),
  });
}

function inPieces(task: Task): FuzzRequest {
  const { random, valid } = task;
  const chunked: HeaderList = [...jsonType, ['Transfer-Encoding', 'chunked']];
  const half = Math.ceil(valid.length / 2);
  const chunks = [valid.slice(0, half), valid.slice(half), '']
    .map((piece) => `${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`)
    .join('');
  return made(
    task,
    random.pick<Shape>([
      { label: 'in chunks', body: chunks, headers: chunked, way: 'pieces' },
      { label: 'in small pieces', body: valid, way: 'pieces' },
      // Node takes it for a caller that has gone, unless the answer is there at once.
      { label: 'half-closed', body: valid, way: 'half-closed', mayClose: true },
      { label: 'given up', body: valid, way: 'aborted', mayClose: true },
      {
        label: 'gzip given up',
        body: gzipSync(valid),
        headers: [...jsonType, ['Content-Encoding', 'gzip']],
        way: 'aborted',
        mayClose: true,
      },
      {
        label: 'shorter than said',
        body: valid,
        headers: [...jsonType, ['Content-Length', '9999']],
        way: 'half-closed',
        mayClose: true,
        expected: [400],
      },
      {
        label: 'chunks that end early',
        body: chunks.slice(0, -5),
        headers: chunked,
        way: 'half-closed',
        mayClose: true,
        expected: [400],
      },
      {
        label: 'longer than anything',
        body: valid,
        headers: [...jsonType, ['Content-Length', '999999999999']],
        way: 'alone',
        expected: [413],
      },
    ]),
  );
}
