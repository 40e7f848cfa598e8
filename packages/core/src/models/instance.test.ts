import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aKey, anInstance } from '../testing/index.js';
import { instances, keys, overTheWire } from './arbitraries.fixture.js';
import {
  instanceKeySchema,
  instanceSchema,
  keyOf,
  replicatedInstanceSchema,
  sameInstance,
  serviceKeyOf,
  toInstance,
  toInstanceKey,
} from './instance.js';
import { describeIssue } from './issues.js';

/** What is said about the instance with these fields changed; `undefined` when nothing is wrong. */
function problem(changes: object): string | undefined {
  const value = { ...anInstance(), ...changes };
  const parsed = instanceSchema.safeParse(value);
  return parsed.success ? undefined : describeIssue(parsed.error, 'instances[3]', value);
}

const idText = 'expected 1 to 255 printable characters without "/" at the ends';
const addressText = 'instances[3].ip: expected an IPv4 address, an IPv6 address or a host name';
const urlText = 'instances[3].url: expected an absolute URL of at most 2048 characters';
const manyEntries = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`name${index}`, 'x']));

describe('the limits of an instance', () => {
  it.each([
    [{ port: 70_000 }, 'instances[3].port: expected at most 65535, is 70000'],
    [{ port: -1 }, 'instances[3].port: expected at least 0, is -1'],
    [{ port: 80.5 }, 'instances[3].port: expected a whole number, is 80.5'],
    [{ port: '8080' }, 'instances[3].port: expected a number, got a string'],
    [{ port: null }, 'instances[3].port: expected a number, got null'],
    [{ port: undefined }, 'instances[3].port: missing, expected a number'],
    [{ ip: '10.0.0.256' }, addressText],
    [{ ip: '10.0.0' }, addressText],
    [{ ip: '10.0.0.1:80' }, addressText],
    [{ ip: '[::1]' }, addressText],
    [{ ip: '-host' }, addressText],
    [{ ip: 'two words' }, addressText],
    [{ ip: '' }, addressText],
    [{ ip: 7 }, addressText],
    [{ url: '/relative' }, urlText],
    [{ url: 'host/path' }, urlText],
    [{ url: 'http://' }, urlText],
    [{ url: 8080 }, urlText],
    [{ url: `http://host/${'x'.repeat(2048)}` }, urlText],
    [
      { status: 'UP' },
      'instances[3].status: expected one of "starting", "up", "down", "unhealthy", "unknown", is "UP"',
    ],
    [{ metadata: { weight: 5 } }, 'instances[3].metadata.weight: expected a string, got a number'],
    [{ metadata: { 'a b': null } }, 'instances[3].metadata["a b"]: expected a string, got null'],
    [{ metadata: ['a'] }, 'instances[3].metadata: expected an object whose values are strings'],
    [{ metadata: manyEntries(65) }, 'instances[3].metadata: expected at most 64 entries'],
    [
      { metadata: { a: 'x'.repeat(16_384) } },
      'instances[3].metadata: expected at most 16384 bytes of names and values',
    ],
    [
      { metadata: { é: 'é'.repeat(8_192) } },
      'instances[3].metadata: expected at most 16384 bytes of names and values',
    ],
    [{ lease_ttl_secs: 0 }, 'instances[3].lease_ttl_secs: expected at least 1, is 0'],
    [{ lease_ttl_secs: 1501 }, 'instances[3].lease_ttl_secs: expected at most 1500, is 1501'],
    [
      { machine_name: 'x'.repeat(256) },
      'instances[3].machine_name: expected at most 255 characters, has 256',
    ],
    [
      { group_id: '/g' },
      `instances[3].group_id: expected at most 255 printable characters without "/" at the ends`,
    ],
  ])('%j is refused', (changes, text) => {
    expect(problem(changes)).toBe(text);
  });

  it.each(['region_id', 'zone_id', 'service_id', 'instance_id'])('%s must be an id', (field) => {
    for (const id of [
      '',
      '/',
      '/a',
      'a/',
      'a\u0000',
      'a\nb',
      'a\u001fb',
      '\u2028',
      '\ud800',
      'x'.repeat(256),
    ]) {
      expect(problem({ [field]: id })).toBe(`instances[3].${field}: ${idText}`);
    }
    expect(problem({ [field]: undefined })).toBe(`instances[3].${field}: missing, expected a string`);
    for (const id of ['a/b', '//'.padStart(3, 'a') + 'b', ' ', '服务', 'x'.repeat(255), '😀'.repeat(255)]) {
      expect(problem({ [field]: id })).toBeUndefined();
    }
  });

  it.each([
    [{ port: 0 }],
    [{ port: 65_535 }],
    [{ ip: '::1' }],
    [{ ip: 'db-1.example.org' }],
    [{ ip: '10-0-0-256.nodes' }],
    [{ ip: '3com.example.4you' }],
    [{ url: 'https://[::1]:8443/base?x=1' }],
    [{ url: 'dubbo://10.0.0.1:20880' }],
    [{ metadata: {} }],
    [{ metadata: manyEntries(64) }],
    [{ metadata: { a: 'x'.repeat(16_383) } }],
    [{ lease_ttl_secs: 1 }],
    [{ lease_ttl_secs: 1500 }],
    [{ group_id: '' }],
  ])('%j is accepted', (changes) => {
    expect(problem(changes)).toBeUndefined();
  });

  it('are those of the replicated one too', () => {
    const parsed = replicatedInstanceSchema.safeParse({ ...anInstance(), port: 70_000 });
    expect(describeIssue(parsed.error!, 'x')).toContain('x.port: ');
  });

  it.each([[null], [[]], ['text']])('an instance that is %j is refused', (value) => {
    const parsed = instanceSchema.safeParse(value);
    expect(describeIssue(parsed.error!, 'instances[0]')).toContain('instances[0]: expected an object, got');
  });
});

describe('fields', () => {
  const optional = ['group_id', 'machine_name', 'protocol', 'health_check_url', 'metadata', 'lease_ttl_secs'];

  it('null is the same as missing', () => {
    const nulls = Object.fromEntries(optional.map((field) => [field, null]));
    expect(toInstance(instanceSchema.parse({ ...anInstance(), ...nulls }))).toStrictEqual(anInstance());
    const key = instanceKeySchema.parse({ ...aKey(), group_id: null });
    expect(toInstanceKey(key)).toEqual(aKey());
  });

  it('unknown ones are dropped from what clients send, and kept of what replicas send', () => {
    const newer = { ...anInstance(), added_later: { deep: [1] } };
    expect(toInstance(instanceSchema.parse(newer))).toStrictEqual(anInstance());
    expect(toInstance(replicatedInstanceSchema.parse(newer))).toStrictEqual(newer);
  });

  it('unknown ones are few and small', () => {
    const refusal = (added: object) => {
      const parsed = replicatedInstanceSchema.safeParse({ ...anInstance(), ...added });
      return parsed.success ? undefined : describeIssue(parsed.error, 'x');
    };
    const fields = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`added${n}`, n]));
    const text = 'x: expected at most 64 unknown fields of 16384 characters of JSON';
    expect(refusal(fields(64))).toBeUndefined();
    expect(refusal(fields(65))).toBe(text);
    expect(refusal({ added: 'a'.repeat(16_000) })).toBeUndefined();
    expect(refusal({ added: ['a'.repeat(16_400)] })).toBe(text);
  });

  it('come through schema and wire as they were', () => {
    fc.assert(
      fc.property(instances, (instance) => {
        expect(toInstance(replicatedInstanceSchema.parse(overTheWire(instance)))).toEqual(
          toInstance(overTheWire(instance) as typeof instance),
        );
      }),
    );
  });
});

describe('keys', () => {
  it('are equal exactly when all parts are, the service without regard to case', () => {
    const parts = (key: Parameters<typeof keyOf>[0]) => {
      const { region_id, zone_id, service_id, group_id, instance_id } = toInstanceKey(key);
      return JSON.stringify([region_id, zone_id, service_id.toLowerCase(), group_id, instance_id]);
    };
    fc.assert(
      fc.property(keys, keys, (a, b) => {
        expect(keyOf(a) === keyOf(b)).toBe(parts(a) === parts(b));
      }),
    );
  });

  it('are not mixed up when text moves from one part to the next', () => {
    const cut = fc.tuple(
      fc.array(fc.constantFrom('a', 'b', '/', ' ', '#'), { minLength: 6, maxLength: 6 }),
      fc.nat(4),
    );
    fc.assert(
      fc.property(cut, cut, ([text, first], [, second]) => {
        const key = (at: number) =>
          keyOf(aKey({ region_id: text.slice(0, at + 1).join(''), zone_id: text.slice(at + 1).join('') }));
        expect(key(first) === key(second)).toBe(first === second);
      }),
    );
  });

  it('tell case apart in every other id', () => {
    expect(keyOf(aKey({ service_id: 'Orders' }))).toBe(keyOf(aKey({ service_id: 'oRDERS' })));
    expect(serviceKeyOf('Orders')).toBe(serviceKeyOf('ORDERS'));
    for (const field of ['region_id', 'zone_id', 'group_id', 'instance_id']) {
      expect(keyOf(aKey({ [field]: 'a' }))).not.toBe(keyOf(aKey({ [field]: 'A' })));
    }
  });

  it('of an instance are those of its key, without a group that of the empty group', () => {
    fc.assert(
      fc.property(instances, (instance) => expect(keyOf(instance)).toBe(keyOf(toInstanceKey(instance)))),
    );
    expect(keyOf(anInstance())).toBe(keyOf(anInstance({ group_id: '' })));
  });
});

describe('sameInstance', () => {
  it('does not look at the order of fields', () => {
    fc.assert(
      fc.property(instances, (instance) => {
        const turned = Object.fromEntries(Object.entries(instance).reverse());
        expect(sameInstance(instance, turned as unknown as typeof instance)).toBe(true);
      }),
    );
    const [a, b] = [{ metadata: { x: '1', y: '2' } }, { metadata: { y: '2', x: '1' } }];
    expect(sameInstance(anInstance(a), anInstance(b))).toBe(true);
  });

  it.each<[object]>([
    [{ port: 8081 }],
    [{ status: 'down' }],
    [{ metadata: { a: '1' } }],
    [{ service_id: 'Test-Service' }],
    [{ added_later: [1, 2] }],
  ])('notices %j', (changes) => {
    expect(sameInstance(anInstance(), anInstance(changes))).toBe(false);
  });

  it('looks at the order of lists', () => {
    const [a, b] = [{ added_later: [1, 2] }, { added_later: [2, 1] }];
    expect(sameInstance(anInstance(a as object), anInstance(b as object))).toBe(false);
  });
});
