import { deflateSync, gzipSync } from 'node:zlib';
import type { SeededRandom } from '@artemis/core/testing';
import { httpBytes, type FuzzRequest, type Way } from './fuzz-request.js';
import { writeJson, type Json } from './json-writer.js';
import { headersFor, postOf, routeNamed } from './route-requests.js';
import type { FuzzedRoute } from './schema-values.js';
import { jsonType, type HeaderList, type Maker, type World } from './world.js';

const mebibyte = 1024 * 1024;

/** As much as fits into a body, or as little that stands for much. */
const nearlyAll = 8 * mebibyte - 1_000;

/** Requests that are meant to cost as much as possible. */
export const heavyRequest: Maker = (world, random) => {
  const pick = random.int(0, 2);
  if (pick === 0) return manyItems(world, random);
  return pick === 1 ? largeBody(world, random) : bomb(world, random);
};

const batches: Readonly<Record<string, string>> = {
  register: 'instances',
  heartbeat: 'instance_keys',
  unregister: 'instance_keys',
  lookup: 'discovery_configs',
  replicaRegister: 'instances',
  replicaHeartbeat: 'instance_keys',
  replicaUnregister: 'instance_keys',
};

function manyItems(world: World, random: SeededRandom): FuzzRequest {
  const name = random.pick(Object.keys(batches));
  const field = batches[name] ?? '';
  // What clients ask of a known instance is done.
  const known = random.pick(name.startsWith('replica') ? world.healthy : world.victims);
  const far = [(world.nowMs + 3_600_000) * 1024, 'intruder#5', 0, 'intruder'];
  const future: Json = { ...known.key, version: far, age_ms: 0, reason: 'unregistered' };
  const replica: Json = { version: far, state: 'alive', age_ms: 0, lease_ttl_ms: 30_000 };
  const [label, count, item, ...expected] = random.pick<[string, number, Json, ...number[]]>([
    ['10 001 items', 10_001, {}, 422],
    ['a million numbers', 1_000_000, 1, 422],
    ['two million lists', 2_000_000, [], 422],
    ['10 000 empty items', 10_000, {}, 200],
    ['10 000 items that are wrong everywhere', 10_000, wrongEverywhere, 200],
    ['10 000 numbers', 10_000, 7, 422],
    [
      '10 000 items of the far future',
      10_000,
      name === 'replicaRegister' ? { ...known.instance, replica } : future,
      200,
    ],
    ['10 000 times a known service', 10_000, { service_id: known.key.service_id }, 200],
  ]);
  const text = `{"${field}":[${`${writeJson(item)},`.repeat(count - 1)}${writeJson(item)}]}`;
  return { ...postOf(world, routeNamed(world, name), text, { label: `${name}: ${label}` }), expected };
}

const wrongEverywhere: Json = {
  ...Object.fromEntries(
    [
      'region_id',
      'zone_id',
      'service_id',
      'group_id',
      'instance_id',
      'machine_name',
      'protocol',
      'ip',
      'port',
      'url',
    ]
      .concat([
        'health_check_url',
        'status',
        'lease_ttl_secs',
        'version',
        'replica',
        'age_ms',
        'discovery_data',
      ])
      .map((name) => [name, [0]]),
  ),
  metadata: Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`m${index}`, index])),
};

/** As many times the text as fit. */
const unit = (text: string): string => text.repeat(Math.floor((nearlyAll - 600) / text.length));

/** As many fields as fit, each of a name of its own. */
function fields(): string {
  const parts: string[] = [];
  for (let index = 0, length = 0; length < nearlyAll - 600; index += 1) {
    const part = `"f${index}":"v"`;
    length += part.length + 1;
    parts.push(part);
  }
  return parts.join(',');
}

/** A field of the body that the text fills, '' for any, and the value of that field. */
type Filler = readonly [label: string, field: string, text: (instance: string) => string];

const fillers: readonly Filler[] = [
  ['brackets', '', () => unit('[')],
  ['braces', '', () => unit('{"a":')],
  ['spaces', '', () => `${unit(' ')}{}`],
  ['fields', '', () => `{${fields()}}`],
  ['the same field', '', () => `{${unit('"a":1,')}"a":1}`],
  ['one number', 'instances', () => `[${unit('1')}]`],
  ['one number after the point', 'instance_keys', () => `[0.${unit('1')}]`],
  ['one text', 'instances', () => `[{"region_id":"${unit('a')}"}]`],
  ['one text of escapes', 'instance_keys', () => `[{"service_id":"${unit('\\u0041')}"}]`],
  ['one text of quotes', 'instances', () => `[{"url":"${unit('\\"')}"}]`],
  ['one name', 'instances', () => `[{"${unit('a')}":1}]`],
  ['fields of an item', 'instances', (instance) => `[{${instance},${fields()}}]`],
  ['fields of a config', 'discovery_config', () => `{${fields()}}`],
  ['fields of metadata', 'instances', (instance) => `[{${instance},"metadata":{${fields()}}}]`],
  ['one field of metadata', 'instances', (instance) => `[{${instance},"metadata":{"${unit('a')}":1}}]`],
  ['dots in an address', 'instances', (instance) => `[{${instance},"ip":"${unit('a.')}"}]`],
  ['colons in an address', 'instances', (instance) => `[{${instance},"ip":"${unit('1:')}"}]`],
  ['buckets', 'path', () => `[${unit('"abc",')}"a"]`],
  ['hashes', 'hashes', () => `[${unit('"0123456789abcdef",')}"a"]`],
  ['a cursor', 'cursor', () => `"${unit('a')}"`],
  ['keys', 'keys', () => `[${unit('{},')}{}]`],
];

function largeBody(world: World, random: SeededRandom): FuzzRequest {
  const { api } = world;
  const [label, field, text] = random.pick(fillers);
  const takers = api.routes.filter(({ body }) => body !== undefined && api.hasField(body, field));
  const route = random.pick(takers);
  const instance = writeJson({ ...world.victims[0]?.instance }).slice(1, -1);
  const content = text(instance);
  const json = field === '' ? content : `{"owner":"a","${field}":${content}}`;
  return postOf(world, route, json, { label: `${route.name}: 8 MiB of ${label}` });
}

/** Little on the wire, much beyond it; or more than is taken. */
function bomb(world: World, random: SeededRandom): FuzzRequest {
  const route = random.pick(world.api.routes.filter(({ body }) => body !== undefined));
  const inflated = Buffer.alloc(64 * mebibyte, random.pick([' ', '[', '0']));
  const large = Buffer.alloc(9 * mebibyte, 'a');
  const [label, body, headers, way] = random.pick<[string, () => Buffer, HeaderList, Way?]>([
    ['64 MiB in gzip', () => gzipSync(inflated), [['Content-Encoding', 'gzip']]],
    ['64 MiB in deflate', () => deflateSync(inflated), [['Content-Encoding', 'deflate']]],
    [
      '64 MiB in gzip, in chunks',
      () => chunked(gzipSync(inflated)),
      [
        ['Content-Encoding', 'gzip'],
        ['Transfer-Encoding', 'chunked'],
      ],
    ],
    ['9 MiB', () => large, [], 'alone'],
    ['9 MiB in chunks', () => chunked(large), [['Transfer-Encoding', 'chunked']], 'alone'],
  ]);
  return bombOf(world, route, { label, body: body(), headers, way: way ?? 'whole' });
}

interface Bomb {
  readonly label: string;
  readonly body: Buffer;
  readonly headers: HeaderList;
  readonly way: Way;
}

function bombOf(world: World, route: FuzzedRoute, { label, body, headers, way }: Bomb): FuzzRequest {
  const head = [...headersFor(world, route), ...jsonType, ...headers];
  const bytes = httpBytes({ method: 'POST', target: route.paths[0] ?? '', headers: head, body });
  return { label: `${route.name}: ${label}`, way, method: 'POST', route, bytes, expected: [413] };
}

function chunked(body: Buffer): Buffer {
  const size = 65_536;
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const piece = body.subarray(at, at + size);
    chunks.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]);
}
