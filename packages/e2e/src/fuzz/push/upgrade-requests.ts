import type { SeededRandom } from '@artemis/core/testing';
import { frameBytes, opcodes, textFrame } from './frames.js';
import type { PushWorld, Upgrade } from './talk.js';

type Lines = readonly (readonly [name: string, value: string])[];

const right: Lines = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
];

interface Request {
  readonly method?: string;
  readonly target?: string;
  readonly version?: string;
  readonly lines?: Lines;
  readonly host?: boolean;
  readonly body?: Buffer;
}

function bytesOf({ address }: PushWorld, request: Request): Buffer {
  const { method = 'GET', target = '/ws', version = 'HTTP/1.1', lines = right, host = true, body } = request;
  const all: Lines = [...(host ? [['Host', address] as const] : []), ...lines];
  const head = all.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([
    Buffer.from(`${method} ${target} ${version}\r\n${head}\r\n`, 'latin1'),
    body ?? Buffer.alloc(0),
  ]);
}

export function rightUpgrade(world: PushWorld): Upgrade {
  return { bytes: bytesOf(world, {}), expected: [101] };
}

const without = (name: string): Lines => right.filter(([other]) => other !== name);
const instead = (name: string, value: string): Lines => [...without(name), [name, value]];
const besides = (name: string, value: string): Lines => [...right, [name, value]];
const plain = [200, 400, 404, 405, 426];

/** A handshake that is odd or wrong in one way. */
export function oddUpgrade(world: PushWorld, random: SeededRandom): Upgrade & { readonly label: string } {
  const key = 'Sec-WebSocket-Key';
  const ping = textFrame('{"type":"ping"}');
  const [label, request, ...expected] = random.pick<readonly [string, Request, ...number[]]>([
    ['no key', { lines: without(key) }, 400],
    ['an empty key', { lines: instead(key, '') }, 400],
    ['a short key', { lines: instead(key, 'YQ==') }, 400],
    ['a key that is none', { lines: instead(key, '\x80\xff'.repeat(12)) }, 400],
    ['a key of 15 KiB', { lines: instead(key, 'a'.repeat(15_000)) }, 400, 431],
    ['two keys', { lines: besides(key, 'dGhlIHNhbXBsZSBub25jZQ==') }, 101, 400],
    ['no version', { lines: without('Sec-WebSocket-Version') }, 400],
    ['version 8', { lines: instead('Sec-WebSocket-Version', '8') }, 101, 400],
    ['version 99', { lines: instead('Sec-WebSocket-Version', '99') }, 400, 426],
    ['a version that is no number', { lines: instead('Sec-WebSocket-Version', '13, 8\x00') }, 400],
    ['another protocol', { lines: instead('Upgrade', 'h2c') }, ...plain],
    ['two protocols', { lines: instead('Upgrade', 'h2c, websocket') }, 101, ...plain],
    ['capitals', { lines: instead('Upgrade', 'WebSocket') }, 101],
    ['no upgrade', { lines: without('Upgrade') }, ...plain],
    ['no connection header', { lines: without('Connection') }, ...plain],
    ['keep-alive too', { lines: instead('Connection', 'keep-alive, Upgrade') }, 101],
    ['another origin', { lines: besides('Origin', 'http://elsewhere.example') }, 403],
    ['an origin that is none', { lines: besides('Origin', '\x01') }, 400, 403],
    ['the origin null', { lines: besides('Origin', 'null') }, 403],
    ['its own origin', { lines: besides('Origin', `http://${world.address}`) }, 101],
    ['a subprotocol', { lines: besides('Sec-WebSocket-Protocol', 'artemis, x') }, 101],
    ['a wrong subprotocol', { lines: besides('Sec-WebSocket-Protocol', ',,(') }, 101, 400],
    ['compression', { lines: besides('Sec-WebSocket-Extensions', 'permessage-deflate') }, 101],
    ['wrong extensions', { lines: besides('Sec-WebSocket-Extensions', ';;=,"') }, 101, 400],
    ['a clock of next year', { lines: besides('X-Artemis-Clock', String(Date.now() * 2048)) }, 101],
    ['POST', { method: 'POST' }, ...plain],
    ['DELETE', { method: 'DELETE' }, ...plain],
    ['a method that is none', { method: 'STEAL' }, 400],
    ['HTTP/1.0', { version: 'HTTP/1.0' }, 101, ...plain],
    ['no host', { host: false }, 101, 400],
    ['a slash at the end', { target: '/ws/' }, ...plain],
    ['capitals in the path', { target: '/WS' }, ...plain],
    ['a path within', { target: '/ws/%2e%2e/%00' }, ...plain],
    ['a query', { target: `/ws?${'a=b&'.repeat(100)}` }, 101],
    ['a whole URL', { target: `http://${world.address}/ws` }, 101, ...plain],
    ['another route', { target: '/api/registry/register.json' }, ...plain, 415],
    ['a route between nodes', { target: '/api/replication/registry/services.json' }, ...plain],
    ['a long path', { target: `/ws?${'a'.repeat(20_000)}` }, 400, 414, 431],
    ['many headers', { lines: [...right, ...Array<Lines[number]>(3_000).fill(['A', 'b'])] }, 101, 431],
    ['a body', { lines: besides('Content-Length', '5'), body: Buffer.from('hello') }, 101, 400],
    ['a message at once', { body: ping }, 101],
    ['half a message at once', { body: ping.subarray(0, 4) }, 101],
    ['nonsense at once', { body: frameBytes({ opcode: opcodes.binary, payload: Buffer.alloc(9) }) }, 101],
  ]);
  return { label, bytes: bytesOf(world, request), expected };
}
