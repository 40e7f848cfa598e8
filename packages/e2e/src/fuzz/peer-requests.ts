import { expiryOf, encodeRemoval, aliveRecord, decodeVersion, keyOf } from '@artemis/core';
import type { SeededRandom } from '@artemis/core/testing';
import type { FuzzRequest } from './fuzz-request.js';
import { hostileText, hostileValue } from './hostile-values.js';
import { RawJson, writeJson, type Json } from './json-writer.js';
import { postOf, routeNamed } from './route-requests.js';
import type { HeaderList, KnownInstance, Maker, World } from './world.js';

type Fields = { readonly [name: string]: Json };

const minute = 60_000;
const driftMs = minute;

/** Requests with the right secret that say what no node would say, of instances that exist. */
export const peerRequest: Maker = (world, random) => {
  const pick = random.int(0, 99);
  const headers = random.chance(0.2) ? impostor(world) : [];
  if (pick < 45)
    return post(
      world,
      'replicaRegister',
      list(random, () => record(world, random)),
      headers,
    );
  if (pick < 75)
    return post(
      world,
      'replicaUnregister',
      list(random, () => removal(world, random)),
      headers,
    );
  return post(
    world,
    'replicaHeartbeat',
    list(random, () => renewal(world, random)),
    headers,
  );
};

function post(world: World, name: string, items: readonly Json[], headers: HeaderList): FuzzRequest {
  const field = name === 'replicaRegister' ? 'instances' : 'instance_keys';
  const label = `${name} with the secret${headers.length > 0 ? ', as this node itself' : ''}`;
  return postOf(world, routeNamed(world, name), writeJson({ [field]: items }), { label, headers });
}

/** Says that it is the node that it calls. */
function impostor({ nodes, addresses }: World): HeaderList {
  const [[id = '', run = ''] = []] = nodes;
  return [
    ['X-Artemis-Node', id],
    ['X-Artemis-Run', run],
    ['X-Artemis-Address', addresses[0] ?? ''],
  ];
}

function list(random: SeededRandom, make: () => Json): readonly Json[] {
  return Array.from({ length: random.pick([1, 1, 2, 5]) }, make);
}

function record(world: World, random: SeededRandom): Json {
  const healthy = random.chance(0.5);
  const known = random.pick(healthy ? world.healthy : world.victims);
  const broken = healthy || random.chance(0.7);
  const replica = broken ? brokenReplica(world, known, random) : takenReplica(world, random);
  const content: Fields = random.chance(0.3) ? { ...known.key } : { ...known.instance, ...extras(random) };
  return { ...content, replica };
}

/** What a newer node may have added. */
function extras(random: SeededRandom): Fields {
  return random.chance(0.2)
    ? { added: hostileValue(random), [random.pick(['a', '__added__'])]: [1, { b: null }] }
    : {};
}

/** A replica part for which a record must not be taken. */
function brokenReplica(world: World, { version }: KnownInstance, random: SeededRandom): Json {
  const [stamp, origin, round, owner] = version;
  const right: Fields = { version: [...version], state: 'alive', age_ms: 0, lease_ttl_ms: 30_000 };
  const withVersion = (wrong: Json): Json => ({ ...right, version: wrong });
  return random.pick<() => Json>([
    () => withVersion([farStamp(world, random), origin, 0, owner]),
    () => withVersion([farStamp(world, random), 'intruder#1', 0, 'intruder']),
    () => ({
      ...right,
      version: [farStamp(world, random), origin, 0, ''],
      state: 'removed',
      reason: 'unregistered',
    }),
    () => withVersion([stamp, origin, round + 1, owner]),
    () => withVersion([stamp + 1, origin, 3, owner]),
    () => withVersion([stamp + 1, origin, -2, owner]),
    () => withVersion([stamp + 1, origin, 2 ** 32, owner]),
    () => withVersion([stamp + 1, origin, 0, '']),
    () => withVersion([stamp + 1, origin, 0, 'o'.repeat(10_000)]),
    () => withVersion([stamp + 1, 'o'.repeat(10_000), 0, owner]),
    () => withVersion([stamp + 1, '', 0, owner]),
    () => withVersion([stamp + 0.5, origin, 0, owner]),
    () => withVersion([String(stamp + 1), origin, 0, owner]),
    () => withVersion([stamp + 1, origin, 0]),
    () => withVersion([stamp + 1, origin, 0, owner, 0]),
    () => withVersion({ stamp: stamp + 1, origin, round: 0, owner }),
    () => withVersion(null),
    () => ({ ...right, version: [stamp + 1, origin, 0, owner], state: 'removed' }),
    () => ({ ...right, version: [stamp + 1, origin, 0, owner], state: 'undead' }),
    () => ({ ...right, version: [stamp + 1, origin, 2, ''], state: 'removed', reason: 'expired' }),
    () => ({ ...right, version: [stamp + 1, origin, 4, ''], state: 'removed', reason: 'unregistered' }),
    () => ({ ...right, version: [stamp + 1, origin, 0, owner], lease_ttl_ms: 0 }),
    () => ({ ...right, version: [stamp + 1, origin, 0, owner], lease_ttl_ms: 1_500_001 }),
    () => ({ ...right, version: [stamp + 1, origin, 0, owner], age_ms: -1 }),
    () => ({ ...right, version: [stamp + 1, origin, 0, owner], age_ms: new RawJson('9007199254740992') }),
    () => hostileValue(random),
  ])();
}

/** A replica part that is right, at the edges of what is: it may win, since its sender has the secret. */
function takenReplica({ nowMs }: World, random: SeededRandom): Json {
  const stamp = (nowMs + random.pick([-minute, 0, 1_000, 50_000])) * 1024 + random.int(0, 1023);
  const origin = random.pick(['intruder#1', '\u00ff', 'a\n0', 'x'.repeat(510), 'intruder#2']);
  const owner = random.pick(['intruder', 'x'.repeat(255), 'node1', 'node2', 'é']);
  const age = random.pick([0, 1, 29_999, 30_001, 2 ** 40, Number.MAX_SAFE_INTEGER]);
  if (random.chance(0.3)) {
    const replica = { version: [stamp, origin, 0, ''], state: 'removed', reason: 'unregistered' };
    return { ...replica, age_ms: age, lease_ttl_ms: 0 };
  }
  const round = random.pick([0, 2, 1_000_000]);
  const ttl = random.pick([1, 30_000, 1_500_000]);
  return { version: [stamp, origin, round, owner], state: 'alive', age_ms: age, lease_ttl_ms: ttl };
}

/** Later than any clock may be however long the campaign takes, by far, and by more than a number can say. */
function farStamp({ nowMs }: World, random: SeededRandom): Json {
  const farMs = nowMs + driftMs + random.pick([6 * 60 * minute, 24 * 60 * minute, 365 * 24 * 60 * minute]);
  return random.pick<Json>([
    farMs * 1024,
    Number.MAX_SAFE_INTEGER,
    new RawJson('9007199254740992'),
    new RawJson('1e300'),
    new RawJson('123456789012345678901234567890'),
  ]);
}

function removal(world: World, random: SeededRandom): Json {
  const healthy = random.chance(0.5);
  const known = random.pick(healthy ? world.healthy : world.victims);
  const other = random.pick(world.victims);
  const [stamp, origin, round, owner] = known.version;
  const base: Fields = { ...known.key, reason: 'unregistered' };
  const expired: Fields = {
    ...known.key,
    reason: 'expired',
    instance: { ...known.instance },
    lease_ttl_ms: 30_000,
  };
  const broken: readonly (() => Json)[] = [
    () => ({ ...base, version: [farStamp(world, random), origin, 0, ''] }),
    () => ({ ...base, version: [farStamp(world, random), 'intruder#1', 0, ''] }),
    () => ({ ...base, version: [stamp + 1, origin, 0, owner] }),
    () => ({ ...base, version: [stamp + 1, origin, 1, ''] }),
    () => ({ ...base, version: [stamp + 1, origin, 0, ''], reason: 'spite' }),
    () => ({ ...base, version: [stamp + 1, origin, 0, ''], reason: null }),
    () => ({ ...expired, version: [stamp + 1, origin, 2, ''] }),
    () => ({ ...expired, version: [stamp + 1, origin, 1, owner] }),
    () => ({ ...expired, version: [stamp + 1, origin, 1, ''], instance: null }),
    () => ({ ...expired, version: [stamp + 1, origin, 1, ''], lease_ttl_ms: null }),
    () => ({
      ...expired,
      version: [stamp + 1, origin, 1, ''],
      instance: { ...known.instance, instance_id: 'other' },
    }),
    () => ({ ...expired, version: [stamp + 1, origin, 1, ''], instance: hostileValue(random) }),
    () => ({
      ...known.key,
      instance_id: 'nobody',
      version: [stamp + 1, origin, 1, ''],
      reason: 'expired',
      instance: { ...other.instance },
    }),
    () => ({ ...base, version: hostileValue(random) }),
    () => ({ ...base, service_id: hostileText(random), version: [farStamp(world, random), origin, 0, ''] }),
  ];
  // The client of a healthy one renews it at this very node, which puts it back at once.
  const refuted = (): Json => ({ ...encodeRemoval(expiryOf(aliveOf(known))) }) as unknown as Json;
  const stale = (): Json => ({ ...base, version: [stamp - 1, origin, 0, ''] });
  const taken = (): Json => ({
    ...base,
    version: [(world.nowMs + random.int(-1_000, 50_000)) * 1024, 'intruder#3', 0, ''],
  });
  if (healthy) return random.pick([...broken, stale, refuted])();
  return random.chance(0.5)
    ? random.pick(broken)()
    : random.pick([taken, refuted, () => ({ ...expired, version: [stamp, origin, round + 1, ''] })])();
}

function aliveOf({ key, instance, version }: KnownInstance) {
  return aliveRecord(keyOf(key), instance, decodeVersion(version), 30_000);
}

function renewal(world: World, random: SeededRandom): Json {
  const known = random.pick(random.chance(0.5) ? world.healthy : world.victims);
  const [stamp, origin, round, owner] = known.version;
  const right: Fields = { ...known.key, version: [...known.version], age_ms: 0 };
  return random.pick<() => Json>([
    () => right,
    () => ({ ...right, age_ms: Number.MAX_SAFE_INTEGER }),
    () => ({ ...right, age_ms: new RawJson('9007199254740992') }),
    () => ({ ...right, age_ms: -1 }),
    () => ({ ...right, age_ms: 0.5 }),
    () => ({ ...right, age_ms: hostileValue(random) }),
    () => ({ ...right, version: [farStamp(world, random), origin, 0, owner] }),
    () => ({ ...right, version: [stamp + 1, origin, 0, owner] }),
    () => ({ ...right, version: [stamp - 1, origin, 0, owner] }),
    () => ({ ...right, version: [stamp, origin, round + 1, ''] }),
    () => ({ ...right, version: [stamp, origin, round + 2, ''] }),
    () => ({ ...right, version: [stamp, origin, -2, owner] }),
    () => ({ ...right, version: hostileValue(random) }),
    () => ({
      ...right,
      instance_id: 'nobody',
      version: [(world.nowMs - 1_000) * 1024, 'intruder#4', 0, 'intruder'],
    }),
    () => ({ ...right, service_id: hostileText(random) }),
  ])();
}
