import type { SeededRandom } from '@artemis/core/testing';
import { Pairs, RawJson, type Json } from './json-writer.js';

/** Texts that have broken programs before. */
const texts: readonly string[] = [
  '',
  ' ',
  '/',
  'a/',
  '/a',
  '../../etc/passwd',
  '\u0000',
  'a\u0000b',
  'a\nb',
  '\r\nX-Injected: 1',
  '\u001f',
  'a\u001fb\u001fc',
  '\u007f',
  '\u0085',
  '\u2028',
  '\u202e\u200b',
  '\ufeff',
  '\uffff',
  'é'.normalize('NFD'),
  'İ',
  'ẞ',
  '服务',
  '😀'.repeat(64),
  'e\u0301'.repeat(100),
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  'true',
  '0',
  '-1',
  '1e999',
  '9007199254740993',
  '%00',
  '%2e%2e%2f',
  '${7*7}',
  '{{7*7}}',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '"}],"x":[{"',
  '0.0.0.0',
  '10.0.0.256',
  '999.999.999.999',
  '::ffff:1.2.3.4',
  '::::',
  'fe80::1%eth0',
  'localhost',
  'http://',
  'http://[::1',
  'javascript:alert(1)',
  'data:,x',
  'http://user:pw@host:99999/',
];

/** Written with escapes of single surrogates, which are no characters and which UTF-8 cannot hold. */
const surrogates = ['"\\ud800"', '"\\udfff\\ud800"', '"a\\udc00b"', '"\\u0000"'];

const numbers = [
  '0',
  '-0',
  '-1',
  '1',
  '0.5',
  '1e308',
  '1e999',
  '-1e999',
  '5e-324',
  '65535',
  '65536',
  '70000',
  '2147483647',
  '2147483648',
  '4294967296',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '1e21',
  '123456789012345678901234567890',
];

/** No JSON at all, so that the whole body is malformed. */
const brokenTokens = ['NaN', 'Infinity', 'undefined', "'a'", '01', '+1', '.5', '0x10', '"a', '', '//', 'nul'];

/** Names that mean something to JavaScript, or nothing to anybody. */
const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  'a.b',
  '\n',
  '0',
  'replica',
  'version',
  'ip',
];

const sizes = [256, 257, 511, 2049, 16_385, 70_000];

export function hostileText(random: SeededRandom): string {
  if (random.chance(0.15))
    return random.pick(['a', 'é', '😀', '\u0001', '.', '1:', '/']).repeat(random.pick(sizes));
  return random.pick(texts);
}

/** Any value that is wrong almost anywhere. */
export function hostileValue(random: SeededRandom): Json {
  const kind = random.int(0, 99);
  if (kind < 35) return hostileText(random);
  if (kind < 45) return new RawJson(random.pick(surrogates));
  if (kind < 70) return new RawJson(random.pick(numbers));
  if (kind < 74) return new RawJson(random.pick(brokenTokens));
  if (kind < 90) return random.pick<Json>([null, true, false, [], {}, [[]], [null], [{}], { '': '' }]);
  if (kind < 94)
    return new Pairs([
      ['a', 1],
      ['a', 2],
      ['__proto__', { polluted: 'yes' }],
    ]);
  return nested(random);
}

export function hostileName(random: SeededRandom): string {
  return random.chance(0.1) ? hostileText(random) : random.pick(names);
}

/** Brackets within brackets, on both sides of what is taken. */
function nested(random: SeededRandom): Json {
  const depth = random.pick([50, 99, 100, 101, 5_000, 50_000]);
  const [open, close] = random.pick<readonly [string, string]>([
    ['[', ']'],
    ['{"a":', '}'],
  ]);
  return new RawJson(`${open.repeat(depth)}0${close.repeat(depth)}`);
}
