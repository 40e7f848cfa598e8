import { createHash } from 'node:crypto';
import { keyOf } from '@artemis/core';
import type { SeededRandom } from '@artemis/core/testing';
import type { FuzzRequest } from './fuzz-request.js';
import { hostileText, hostileValue } from './hostile-values.js';
import { writeJson, type Json } from './json-writer.js';
import { postOf, routeNamed } from './route-requests.js';
import type { Maker, World } from './world.js';

/** Questions of a peer that walks the digest or the table, with what no walk comes to. */
export const exchangeRequest: Maker = (world, random) => {
  const pick = random.int(0, 2);
  if (pick === 0) return digestRequest(world, random);
  return pick === 1 ? recordsRequest(world, random) : leasesRequest(world, random);
};

const digits = '0123456789abcdef';
const hex = (random: SeededRandom, length: number): string =>
  Array.from({ length }, () => random.pick([...digits])).join('');

/** Buckets of which every hash is wrong, some that are none, and hashes of other lengths. */
function digestRequest(world: World, random: SeededRandom): FuzzRequest {
  const count = random.pick([0, 1, 1, 2, 16, 256, 1_024, 1_025, 20_000]);
  const broken = random.chance(0.4);
  const path = Array.from({ length: count }, (_, index) =>
    random.pick(['', hex(random, 1), hex(random, 2), hex(random, 3), index.toString(16).slice(-3)]),
  );
  const hash = random.chance(0.3) ? '0'.repeat(256) : hex(random, 256);
  const hashes: Json[] = path.map(() => hash);
  if (broken && count > 0) {
    hashes[random.int(0, count - 1)] = random.pick<Json>([
      hash.slice(1),
      `${hash}0`,
      hash.toUpperCase().replace(/0/g, 'G'),
      '',
      hostileValue(random),
    ]);
    path[0] = random.pick(['abcd', 'ABC', 'g', '-', '0x1', hostileText(random), path[0] ?? '']);
    if (random.chance(0.3)) hashes.pop();
  }
  return ask(world, 'replicaDigest', { path, hashes }, `${count} buckets`);
}

function recordsRequest(world: World, random: SeededRandom): FuzzRequest {
  const limit = random.pick<Json>([null, 1, 10_000, 0, -1, 10_001, 0.5, '5', hostileValue(random)]);
  const body = { limit, cursor: cursorOf(world, random), ...keysOf(world, random) };
  return ask(world, 'replicaRecords', body, 'a page');
}

function leasesRequest(world: World, random: SeededRandom): FuzzRequest {
  const owner = random.pick<Json>(['', 'node1', 'node2', 'nobody', 'o'.repeat(256), hostileValue(random)]);
  const body = { owner, cursor: cursorOf(world, random), ...keysOf(world, random) };
  return ask(world, 'replicaLeases', body, 'ages');
}

/** Cursors that were never handed out, and some that could have been. */
function cursorOf({ healthy }: World, random: SeededRandom): Json {
  const key = keyOf(random.pick(healthy).key);
  const leaf = createHash('sha1').update(key).digest('hex').slice(0, 4);
  return random.pick<Json>([
    null,
    '',
    leaf + key,
    leaf,
    'ffff',
    'fffff',
    '0000\u0000',
    'zzzz',
    '1',
    '99999',
    '-1',
    '1e9',
    '9'.repeat(400),
    'a'.repeat(16_385),
    Buffer.from(key).toString('base64url'),
    hostileText(random),
    hostileValue(random),
  ]);
}

function keysOf({ healthy, victims }: World, random: SeededRandom): { readonly [name: string]: Json } {
  if (random.chance(0.4)) return {};
  const { key } = random.pick([...healthy, ...victims]);
  const right: Json = { ...key };
  const unknown: Json = { ...key, instance_id: 'nobody' };
  return random.pick([
    { keys: [right] },
    { keys: [right, unknown, right] },
    { keys: Array<Json>(5_000).fill(right) },
    { keys: Array<Json>(10_001).fill({}) },
    { keys: [] },
    { keys: null },
    { keys: [hostileValue(random)] },
    { keys: [{ ...key, service_id: hostileText(random) }] },
  ]);
}

function ask(world: World, name: string, body: Json, label: string): FuzzRequest {
  return postOf(world, routeNamed(world, name), writeJson(body), { label: `${name}: ${label}` });
}
