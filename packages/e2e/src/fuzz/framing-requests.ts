import type { SeededRandom } from '@artemis/core/testing';
import type { FuzzRequest } from './fuzz-request.js';
import type { Maker, World } from './world.js';

/** Bytes that are hardly HTTP, or HTTP that two readers would read in two ways. */
export const framingRequest: Maker = (world, random) =>
  random.chance(0.25) ? pipelined(world, random) : oddBytes(world, random);

const body = '{"discovery_config":{"service_id":"fuzz"}}';
const line = 'POST /api/discovery/service.json HTTP/1.1\r\n';
const type = 'Content-Type: application/json\r\n';

interface Odd {
  readonly label: string;
  readonly text: string;
  readonly expected: readonly number[];
  readonly method?: string;
  /** Whether the connection may end without an answer. */
  readonly mayClose?: boolean;
}

function oddBytes(world: World, random: SeededRandom): FuzzRequest {
  const host = `Host: ${world.host}\r\n`;
  const post = (headers: string, rest: string): string => `${line}${host}${type}${headers}\r\n${rest}`;
  const get = (rest: string): string => `GET /health HTTP/1.1\r\n${host}${rest}`;
  const odd = random.pick<Odd>([
    {
      label: 'both framings',
      text: post(`Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`, `0\r\n\r\n`),
      expected: [400],
    },
    {
      label: 'both framings, turned',
      text: post(`Transfer-Encoding: chunked\r\nContent-Length: 5\r\n`, `0\r\n\r\n`),
      expected: [400],
    },
    {
      label: 'chunked, then not',
      text: post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'),
      expected: [400],
    },
    {
      label: 'gzip as a transfer encoding',
      text: post('Transfer-Encoding: gzip\r\n', body),
      expected: [400, 415],
    },
    {
      label: 'chunked twice',
      text: post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
      expected: [400],
    },
    {
      label: 'chunked in disguise',
      text: post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'),
      expected: [400],
    },
    {
      label: 'two lengths',
      text: post(`Content-Length: 2\r\nContent-Length: 3\r\n`, '{}x'),
      expected: [400],
    },
    { label: 'a negative length', text: post('Content-Length: -1\r\n', body), expected: [400] },
    { label: 'a length of hex', text: post('Content-Length: 0x10\r\n', body), expected: [400] },
    {
      label: 'a length beyond numbers',
      text: post(`Content-Length: ${'9'.repeat(40)}\r\n`, body),
      expected: [400],
    },
    {
      label: 'a chunk of no size',
      text: post('Transfer-Encoding: chunked\r\n', `xyz\r\n${body}`),
      expected: [400],
    },
    {
      label: 'a chunk of all memory',
      text: post('Transfer-Encoding: chunked\r\n', `${'f'.repeat(17)}\r\n`),
      expected: [400],
    },
    {
      label: 'a chunk with extensions',
      text: post('Transfer-Encoding: chunked\r\n', `2;${'a=b;'.repeat(8_000)}\r\n{}\r\n0\r\n\r\n`),
      expected: [400, 413, 422],
    },
    {
      label: 'a trailer',
      text: post(
        'Transfer-Encoding: chunked\r\n',
        `2\r\n{}\r\n0\r\nX-Artemis-Clock: 1\r\nContent-Length: 9\r\n\r\n`,
      ),
      expected: [400, 422],
    },
    { label: 'no host', text: `GET /health HTTP/1.1\r\n\r\n`, method: 'GET', expected: [400] },
    {
      label: 'two hosts',
      text: `GET /health HTTP/1.1\r\n${host}${host}\r\n`,
      method: 'GET',
      expected: [200, 400],
    },
    { label: 'HTTP/0.9', text: 'GET /health\r\n\r\n', method: 'GET', expected: [200, 400], mayClose: true },
    { label: 'HTTP/2', text: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', expected: [400, 505], mayClose: true },
    { label: 'HTTP/9.9', text: `GET /health HTTP/9.9\r\n${host}\r\n`, method: 'GET', expected: [400, 505] },
    { label: 'a method of small letters', text: `get /health HTTP/1.1\r\n${host}\r\n`, expected: [400] },
    { label: 'a method that is none', text: `STEAL /health HTTP/1.1\r\n${host}\r\n`, expected: [400] },
    { label: 'a space in the path', text: `GET /health check HTTP/1.1\r\n${host}\r\n`, expected: [400] },
    { label: 'no path', text: `GET HTTP/1.1\r\n${host}\r\n`, expected: [400] },
    {
      label: 'a path without its slash',
      text: `GET health HTTP/1.1\r\n${host}\r\n`,
      method: 'GET',
      expected: [400, 404],
    },
    {
      label: 'a whole URL',
      text: `GET http://elsewhere:1/health HTTP/1.1\r\n${host}\r\n`,
      method: 'GET',
      expected: [200, 400, 404],
    },
    {
      label: 'a URL that is none',
      text: `GET http://[ HTTP/1.1\r\n${host}\r\n`,
      method: 'GET',
      expected: [400, 404],
    },
    {
      label: 'a star',
      text: `OPTIONS * HTTP/1.1\r\n${host}\r\n`,
      method: 'OPTIONS',
      expected: [204, 400, 404],
    },
    {
      label: 'a fragment',
      text: `GET /health#x HTTP/1.1\r\n${host}\r\n`,
      method: 'GET',
      expected: [200, 400, 404],
    },
    { label: 'a URL of 16 KiB', text: `GET /${'a'.repeat(16_384)} HTTP/1.1\r\n${host}\r\n`, expected: [431] },
    {
      label: 'a query of 16 KiB',
      text: `GET /health?${'a=b&'.repeat(4_096)} HTTP/1.1\r\n${host}\r\n`,
      expected: [431],
    },
    { label: 'headers of 20 KiB', text: get(`X-A: ${'a'.repeat(20_000)}\r\n\r\n`), expected: [431] },
    { label: 'three thousand headers', text: get(`${'A: b\r\n'.repeat(3_000)}\r\n`), expected: [200, 431] },
    {
      label: 'headers without values',
      text: get(`${'A:\r\n'.repeat(1_500)}\r\n`),
      method: 'GET',
      expected: [200],
    },
    { label: 'a folded header', text: get('X-A: b\r\n c\r\n\r\n'), method: 'GET', expected: [200, 400] },
    { label: 'a header without a colon', text: get('nonsense\r\n\r\n'), expected: [400] },
    { label: 'a header without a name', text: get(': x\r\n\r\n'), expected: [400] },
    { label: 'a space before the colon', text: get('X-A : b\r\n\r\n'), expected: [400] },
    { label: 'a NUL in a header', text: get('X-A: a\x00b\r\n\r\n'), expected: [400] },
    { label: 'a bare CR', text: get('X-A: a\rX-B: c\r\n\r\n'), expected: [400] },
    {
      label: 'bare LFs',
      text: `GET /health HTTP/1.1\n${host.replace('\r', '')}\n`,
      method: 'GET',
      expected: [200, 400],
      mayClose: true,
    },
    { label: 'TLS', text: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', expected: [400], mayClose: true },
    { label: 'NULs', text: '\x00'.repeat(200), expected: [400], mayClose: true },
    { label: 'blank lines first', text: `\r\n\r\n${get('\r\n')}`, method: 'GET', expected: [200, 400] },
    { label: 'another protocol', text: 'SSH-2.0-OpenSSH_9.9\r\n', expected: [400], mayClose: true },
    {
      label: 'a tunnel',
      text: `CONNECT elsewhere:443 HTTP/1.1\r\n${host}\r\n`,
      expected: [405],
      mayClose: true,
    },
    {
      label: 'an upgrade',
      text: get(
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n',
      ),
      method: 'GET',
      expected: [200, 400, 404, 426],
    },
    {
      label: 'an upgrade to HTTP/2',
      text: get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n'),
      method: 'GET',
      expected: [200, 400],
    },
    {
      label: 'a body on GET',
      text: get(`Content-Length: 3\r\n\r\nabc`),
      method: 'GET',
      expected: [200, 400],
    },
    {
      label: 'random bytes',
      text:
        Buffer.from(Array.from({ length: 200 }, () => random.int(0, 255))).toString('latin1') + '\r\n\r\n',
      expected: [400],
      mayClose: true,
    },
  ]);
  const { label, text, expected, method = 'POST', mayClose = false } = odd;
  const way = random.chance(0.3) ? 'pieces' : 'alone';
  return {
    label,
    way,
    method,
    bytes: Buffer.from(text, 'latin1'),
    expected,
    ...(mayClose ? { mayClose } : {}),
  };
}

/** Many requests before the first answer, the last of them perhaps broken. */
function pipelined(world: World, random: SeededRandom): FuzzRequest {
  const count = random.int(2, 12);
  const requests = Array.from({ length: count }, () => {
    return Buffer.from(`GET /health HTTP/1.1\r\nHost: ${world.host}\r\n\r\n`, 'latin1');
  });
  const broken = random.chance(0.3);
  return {
    label: `${count} requests at once${broken ? ', then garbage' : ''}`,
    way: 'alone',
    method: 'GET',
    bytes: Buffer.concat([...requests, ...(broken ? [Buffer.from('GARBAGE\r\n\r\n')] : [])]),
    // The connection may be given up before the answers to what came first have been sent.
    answers: broken ? 1 : count,
    expected: broken ? [200, 400] : [200],
  };
}
