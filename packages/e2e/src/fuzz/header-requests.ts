import type { SeededRandom } from '@artemis/core/testing';
import { httpBytes, type FuzzRequest } from './fuzz-request.js';
import { writeJson } from './json-writer.js';
import { headersFor, pickRoute } from './route-requests.js';
import type { FuzzedRoute } from './schema-values.js';
import { jsonType, type HeaderList, type Maker, type World } from './world.js';

type Header = readonly [name: string, value: string];

const year = 365 * 24 * 3_600_000;

/** A right request with headers that nobody sends. */
export const headerRequest: Maker = (world, random) => {
  const route = pickRoute(world, random);
  if (route.row.audience === 'peer' && random.chance(0.3)) return stranger(world, random, route);
  const odd = oddHeader(world, random);
  return requestWith(world, random, route, { label: `${odd[0]}: ${odd[1].slice(0, 60)}`, headers: [odd] });
};

interface Extra {
  readonly label: string;
  readonly headers: HeaderList;
  readonly expected?: readonly number[];
}

function requestWith(world: World, random: SeededRandom, route: FuzzedRoute, extra: Extra): FuzzRequest {
  const { label, headers, expected } = extra;
  const json = route.body === undefined ? undefined : writeJson(world.api.valid(route.body, random));
  const bytes = httpBytes({
    method: route.method,
    target: route.paths[0] ?? '',
    headers: [...(json === undefined ? [] : jsonType), ...headersFor(world, route, headers)],
    ...(json === undefined ? {} : { body: json }),
  });
  return {
    label: `${route.name} with ${label}`,
    way: 'whole',
    method: route.method,
    route,
    bytes,
    ...(json === undefined ? {} : { json }),
    ...(expected === undefined ? {} : { expected }),
  };
}

/** Who has no secret, a wrong one, or does not say that it replicates. */
function stranger(world: World, random: SeededRandom, route: FuzzedRoute): FuzzRequest {
  const secret = random.pick([
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${world.secret}x`,
    `Bearer ${world.secret.slice(0, -1)}`,
    `bearer ${world.secret}`,
    `Basic ${Buffer.from(`a:${world.secret}`).toString('base64')}`,
    world.secret,
    'x'.repeat(10_000),
    '\xff\xfe',
  ]);
  if (random.chance(0.5)) {
    const headers: Header[] = [['Authorization', secret]];
    return requestWith(world, random, route, { label: 'a wrong secret', headers, expected: [401] });
  }
  const says = random.pick(['', 'TRUE', 'false', '1', 'true,true', 'yes']);
  const headers: Header[] = [['X-Artemis-Replication', says]];
  return requestWith(world, random, route, {
    label: `X-Artemis-Replication "${says}"`,
    headers,
    expected: [400],
  });
}

function oddHeader(world: World, random: SeededRandom): Header {
  const pick = random.int(0, 9);
  if (pick < 3) return oddClock(world, random);
  if (pick < 6) return oddSender(world, random);
  return random.pick<Header>([
    ['X-Request-Id', 'a b'],
    ['X-Request-Id', 'x'.repeat(129)],
    ['X-Request-Id', '\xe9\xff'],
    ['X-Forwarded-For', '1.2.3.4, '.repeat(500)],
    ['X-Forwarded-For', 'garbage'],
    ['Forwarded', 'for=unknown'],
    ['If-None-Match', '*'],
    ['If-None-Match', `"${'a'.repeat(8_000)}"`],
    ['If-None-Match', '"a",'.repeat(1_500)],
    ['If-None-Match', 'W/"", "'],
    ['Accept-Encoding', 'gzip;q=2, *;q=-1, identity;q=NaN'],
    ['Accept-Encoding', 'gzip,'.repeat(1_500)],
    ['Accept-Encoding', 'br'],
    ['Accept-Encoding', '*'],
    ['Accept-Encoding', 'identity;q=0'],
    ['Accept', '\xff'],
    ['Accept-Language', 'x'.repeat(8_000)],
    ['Origin', 'null'],
    ['Origin', 'http://evil.example'],
    ['Cookie', 'a=b;'.repeat(2_000)],
    ['Range', 'bytes=0-0'],
    ['If-Modified-Since', 'yesterday'],
    ['Host', 'evil.example:99999'],
    ['Host', ''],
    ['Upgrade', 'h2c'],
    ['Connection', 'X-Artemis-Node, Authorization'],
    ['Connection', 'keep-alive, upgrade'],
    ['Keep-Alive', 'timeout=999999999'],
    ['Expect', '100-continue'],
    ['Expect', 'miracles'],
    ['TE', 'trailers, deflate;q=0.5'],
    ['X-HTTP-Method-Override', 'DELETE'],
    ['X-Original-URL', '/api/replication/registry/services'],
    ['__proto__', 'polluted'],
    ['constructor', 'polluted'],
    ['Content-Length', '0'],
    ['Date', 'never'],
    ['X-Large', 'x'.repeat(12_000)],
  ]);
}

function oddClock({ nowMs }: World, random: SeededRandom): Header {
  const stamp = (ms: number): string => String(ms * 1024);
  return [
    'X-Artemis-Clock',
    random
      .pick([
        stamp(nowMs + year),
        stamp(nowMs + 61_000),
        stamp(nowMs + 30_000),
        stamp(nowMs - year),
        '-1',
        '-9007199254740991',
        '0',
        '9007199254740991',
        '9007199254740992',
        '9'.repeat(16),
        '9'.repeat(400),
        '1e18',
        '0x7fffffffffff',
        'NaN',
        'Infinity',
        '',
        ' ',
        '1, 2',
        '١٢٣'.normalize(),
        '1.5',
      ])
      .replace(/[^\x20-\x7e]/g, '\xb2'),
  ];
}

function oddSender({ nodes, addresses }: World, random: SeededRandom): Header {
  const name = random.pick(['X-Artemis-Node', 'X-Artemis-Run', 'X-Artemis-Address', 'X-Artemis-Status']);
  const [[self = '', run = ''] = []] = nodes;
  return [
    name,
    random.pick([
      '',
      ' ',
      self,
      run,
      addresses[0] ?? '',
      'nobody',
      'nobody, nobody',
      'x'.repeat(10_000),
      '\xff\xfe\x80',
      '../../../etc/passwd',
      '127.0.0.1:0',
      '127.0.0.1:99999',
      '127.0.0.1:1',
      '[::1]:1',
      'http://127.0.0.1:1/',
      'dns+http://localhost:1',
      'file:///etc/passwd',
      '0.0.0.0:8080',
      ':',
      '@',
      'leaving',
      '__proto__',
      'undefined',
      '${jndi:ldap://127.0.0.1/a}',
    ]),
  ];
}
