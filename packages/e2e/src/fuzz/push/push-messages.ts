import type { SeededRandom } from '@artemis/core/testing';
import { hostileText, hostileValue } from '../hostile-values.js';
import { RawJson, writeJson, type Json } from '../json-writer.js';
import { mutate } from '../mutate.js';
import { textFrame } from './frames.js';
import type { PushWorld, Step } from './talk.js';

type Fields = Readonly<Record<string, Json>>;
type Message = Fields & { readonly type: string };

/** Nearby names, so that one message meets what another one left. */
function serviceOf({ healthyService }: PushWorld, random: SeededRandom): Json {
  if (random.chance(0.15)) return hostileText(random);
  if (random.chance(0.15)) return random.chance(0.5) ? healthyService : healthyService.toUpperCase();
  return `fuzz-service-${random.int(0, 5)}`;
}

function keyOf(random: SeededRandom): Fields {
  const id = `fuzz-instance-${random.int(0, 9)}`;
  const service = `fuzz-service-${random.int(0, 5)}`;
  return { region_id: 'local', zone_id: 'zone1', service_id: service, instance_id: id };
}

function instanceOf(random: SeededRandom): Fields {
  return {
    ...keyOf(random),
    ip: random.pick(['10.1.2.3', '::1', 'host.example.org']),
    port: random.int(0, 65_535),
    url: 'http://10.1.2.3:8080',
    status: random.pick(['up', 'up', 'down', 'starting']),
    metadata: { weight: '5', extra: hostileText(random) },
    lease_ttl_secs: 600,
  };
}

const listOf = (random: SeededRandom, item: () => Json): Json =>
  Array.from({ length: random.pick([0, 1, 1, 2, 5]) }, item);

function sinceOf({ logId }: PushWorld, random: SeededRandom): Fields {
  const revisions: readonly Json[] = [
    0,
    1,
    random.int(0, 500),
    1_000_000_000,
    null,
    new RawJson('9007199254740993'),
  ];
  switch (random.int(0, 3)) {
    case 0:
      return {};
    case 1:
      return { since_revision: random.pick(revisions), log_id: logId };
    case 2:
      return { since_revision: random.pick(revisions), log_id: hostileText(random) };
    default:
      return { since_revision: hostileValue(random), log_id: hostileValue(random) };
  }
}

function idOf(random: SeededRandom): Fields {
  if (random.chance(0.3)) return {};
  return {
    id: random.pick<Json>([random.int(0, 1_000_000), 'a', hostileText(random), hostileValue(random)]),
  };
}

/** A message as clients send it, with the values of somebody who means no good. */
function rightMessage(world: PushWorld, random: SeededRandom): Message {
  const service = serviceOf(world, random);
  const request = { ...idOf(random), ...(random.chance(0.2) ? { clock: hostileText(random) } : {}) };
  return random.pick<() => Message>([
    () => ({ type: 'subscribe', service_id: service, ...sinceOf(world, random) }),
    () => ({ type: 'subscribe', service_id: service, ...sinceOf(world, random) }),
    () => ({ type: 'unsubscribe', service_id: service }),
    () => ({ type: 'subscribe_all', ...sinceOf(world, random) }),
    () => ({ type: 'unsubscribe_all' }),
    () => ({ type: 'register', instances: listOf(random, () => instanceOf(random)), ...request }),
    () => ({ type: 'unregister', instance_keys: listOf(random, () => keyOf(random)), ...request }),
    () => ({ type: 'heartbeat', instance_keys: listOf(random, () => keyOf(random)), ...request }),
    () => ({ type: 'heartbeat', ...request }),
    () => ({ type: 'ping' }),
  ])();
}

/** As configured by default. */
const longestFrame = 1_048_576;

function step(label: string, text: string): Step {
  const tooLong = Buffer.byteLength(text) > longestFrame;
  return { label, texts: [text], bytes: textFrame(text), ...(tooLong && { closes: [1009] }) };
}

export function messageStep(world: PushWorld, random: SeededRandom): Step {
  const message = rightMessage(world, random);
  const { type } = message;
  if (random.chance(0.4)) return step(type, writeJson(message));
  if (random.chance(0.7)) return step(`${type}, changed`, writeJson(mutate(message, random)));
  return brokenStep(writeJson(message), random);
}

/** A text that is no message, whatever it says. */
function brokenStep(text: string, random: SeededRandom): Step {
  const bracket = random.pick(['[', '{"a":', '{"type":"subscribe","service_id":']);
  const [label, broken] = random.pick<readonly [string, string]>([
    ['nothing', ''],
    ['blanks', ' \n\t'],
    ['cut off', text.slice(0, random.int(0, text.length - 1))],
    ['twice', text + text],
    ['with a tail', `${text}x`],
    ['a byte order mark', `\ufeff${text}`],
    ['a list', `[${text}]`],
    ['a text', JSON.stringify(text)],
    ['null', 'null'],
    ['a number', '1e999'],
    ['brackets', bracket.repeat(random.pick([101, 5_000, 100_000]))],
    ['an unknown type', `{"type":${writeJson(hostileValue(random))}}`],
    ['a message of the node', '{"type":"goodbye","reason":"draining"}'],
    ['two types', '{"type":"ping","type":"subscribe_all"}'],
    ['a prototype', '{"__proto__":{"type":"ping"},"constructor":{"type":"ping"}}'],
    ['NULs', '\u0000'.repeat(300)],
  ]);
  return step(label, broken);
}

/** Many messages that each are right. */
export function floodSteps(world: PushWorld, random: SeededRandom): readonly Step[] {
  const count = random.pick([50, 300, 1_500]);
  const many = (label: string, make: (index: number) => Fields): readonly Step[] => [
    floodOf(
      `${count} times ${label}`,
      Array.from({ length: count }, (_, index) => writeJson(make(index))),
    ),
  ];
  return random.pick<() => readonly Step[]>([
    () => many('another service', (index) => ({ type: 'subscribe', service_id: `many-${index}` })),
    () => many('the same service', () => ({ type: 'subscribe', service_id: world.healthyService })),
    () =>
      many('in and out', (index) => ({
        type: index % 2 === 0 ? 'subscribe' : 'unsubscribe',
        service_id: `many-${index >> 2}`,
      })),
    () => many('everything', (index) => ({ type: index % 3 === 2 ? 'unsubscribe_all' : 'subscribe_all' })),
    () => many('ping', () => ({ type: 'ping' })),
    () => many('heartbeat', (index) => ({ type: 'heartbeat', id: index })),
    () => many('register', (index) => ({ type: 'register', id: index, instances: [instanceOf(random)] })),
  ])();
}

function floodOf(label: string, texts: readonly string[]): Step {
  return { label, bytes: Buffer.concat(texts.map(textFrame)), texts };
}
