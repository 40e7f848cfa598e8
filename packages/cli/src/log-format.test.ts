import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from './log-format.js';
import { formatJson, formatText } from './log-format.js';

function entry(given: Partial<LogEntry> = {}): LogEntry {
  return { timestamp: '2026-01-31T12:00:00.000Z', level: 'info', message: 'Hello', fields: {}, ...given };
}

function text(given: Partial<LogEntry>): string {
  return formatText(entry(given), false);
}

describe('text', () => {
  it.each([
    ['error', '2026-01-31T12:00:00.000Z error Hello'],
    ['warn', '2026-01-31T12:00:00.000Z warn  Hello'],
    ['info', '2026-01-31T12:00:00.000Z info  Hello'],
    ['debug', '2026-01-31T12:00:00.000Z debug Hello'],
  ] as const)('at level %s', (level, expected) => {
    expect(text({ level })).toBe(expected);
  });

  it.each([
    ['a plain word', 'node1:8080/a', 'node1:8080/a'],
    ['a text with a space', 'two words', '"two words"'],
    ['an empty text', '', '""'],
    ['a text with =', 'a=b', '"a=b"'],
    ['a text with quotes', 'say "hi"', '"say \\"hi\\""'],
    ['a number', 1.5, '1.5'],
    ['a big integer', 12n, '"12"'],
    ['null', null, 'null'],
    ['a list', ['a', 1], '["a",1]'],
    ['an object', { a: { b: 'c d' } }, '{"a":{"b":"c d"}}'],
    ['an error', new Error('no luck'), '"no luck"'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
  ])('has %s as key=value', (_what, value, expected) => {
    expect(text({ fields: { key: value } })).toBe(`2026-01-31T12:00:00.000Z info  Hello key=${expected}`);
  });

  it('has several fields in their order and leaves out those without a value', () => {
    expect(text({ fields: { b: 1, nothing: undefined, a: 2 } })).toMatch(/Hello b=1 a=2$/);
  });

  it.each([
    ['\n2026-01-31T12:00:00.000Z info  forged', '\\u000a'],
    ['\x1b[2J', '\\u001b'],
    ['\x9b2J', '\\u009b'],
    ['\x7f', '\\u007f'],
  ])('stays one line without terminal sequences, whatever comes from outside: %j', (evil, escaped) => {
    const line = text({ message: `Hello ${evil}`, fields: { a: evil, b: [evil] } });
    expect(line).not.toMatch(/\p{Cc}/u);
    expect(line).toContain(`Hello ${escaped}`);
  });

  it('has the stacks of an error and of its causes below, at level error only', () => {
    const error = new Error('outer', { cause: new Error('inner') });
    const lines = text({ level: 'error', fields: { error } }).split('\n');
    expect(lines[0]).toBe('2026-01-31T12:00:00.000Z error Hello error="outer"');
    expect(lines[1]).toBe('    Error: outer');
    expect(lines[2]).toMatch(/^ {8}at .*log-format\.test/);
    expect(lines).toContain('    Caused by: Error: inner');
    expect(text({ level: 'warn', fields: { error } })).not.toContain('\n');
  });

  it('ends with errors that cause each other', () => {
    const error = new Error('self');
    error.cause = error;
    expect(text({ level: 'error', fields: { error } }).match(/Caused by/g)).toHaveLength(5);
  });

  it('is painted on request, and says the same', () => {
    const painted = formatText(entry({ fields: { a: 1 } }), true);
    expect(painted).toContain('\x1b[32minfo \x1b[0m');
    expect(painted.replace(/\x1b\[\d+m/g, '')).toBe(text({ fields: { a: 1 } }));
  });
});

describe('json', () => {
  it('is one object a line: time, level, message, then the fields', () => {
    expect(formatJson(entry({ fields: { peer: 'a:1', items: 3, nothing: undefined } }))).toBe(
      '{"timestamp":"2026-01-31T12:00:00.000Z","level":"info","message":"Hello","peer":"a:1","items":3}',
    );
  });

  it('escapes line ends', () => {
    expect(formatJson(entry({ message: 'a\nb' }))).toContain('"message":"a\\nb"');
  });

  it('does not let a field replace what every line has', () => {
    const fields = { level: 'mine', message: 'mine', timestamp: 'mine' };
    expect(JSON.parse(formatJson(entry({ fields })))).toEqual({
      timestamp: '2026-01-31T12:00:00.000Z',
      level: 'info',
      message: 'Hello',
    });
  });

  it('has errors with their stacks, and not what their toJSON would tell', () => {
    const error = Object.assign(new TypeError('no luck', { cause: new Error('why') }), {
      toJSON: () => ({ secret: 's3cret' }),
    });
    const line = formatJson(entry({ fields: { error } }));
    expect(JSON.parse(line)).toMatchObject({ error: { name: 'TypeError', message: 'no luck' } });
    expect(line).toContain('Caused by: Error: why');
    expect(line).not.toContain('s3cret');
  });

  it('has big integers as texts', () => {
    expect(JSON.parse(formatJson(entry({ fields: { n: 12n, deep: { n: 13n } } })))).toMatchObject({
      n: '12',
      deep: { n: '13' },
    });
  });
});
