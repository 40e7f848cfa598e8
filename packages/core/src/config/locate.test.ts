import { stringify } from '@iarna/toml';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { locate } from './locate.js';

const text = `# a comment with key = 1
title = "x" # [not.a.table]

[server] # the node
node_id = "a\\"b = 1 # ["
'zone' = 'c:\\'
quote."inner key" = """
fake = 1
[fake] "" \\""" still inside"""
literal = '''
fake = 2 '' ''''

[ cluster . "deep\\u0041" ]
peers = [ # the peers
  "a", "b", # ]
  [ 1, { x = 2 } ],
  "c",
]
point = { x = 1, 'y z' = { w = 1979-05-27 07:32:00Z } }
last.one = 08:00:00
[[many]]
first = 1
[[many]]
second = inf`;

describe('locate', () => {
  const lineOf = locate(text);

  it.each([
    [['title'], 2],
    [['server'], 4],
    [['server', 'node_id'], 5],
    [['server', 'zone'], 6],
    [['server', 'quote'], 7],
    [['server', 'quote', 'inner key'], 7],
    [['server', 'literal'], 10],
    [['cluster'], 13],
    [['cluster', 'deepA'], 13],
    [['cluster', 'deepA', 'peers'], 14],
    [['cluster', 'deepA', 'peers', 0], 15],
    [['cluster', 'deepA', 'peers', 1], 15],
    [['cluster', 'deepA', 'peers', 2], 16],
    [['cluster', 'deepA', 'peers', 3], 17],
    [['cluster', 'deepA', 'point'], 19],
    [['cluster', 'deepA', 'point', 'x'], 19],
    [['cluster', 'deepA', 'point', 'y z', 'w'], 19],
    [['cluster', 'deepA', 'last', 'one'], 20],
    [['many'], 21],
    [['many', 'first'], 22],
    [['many', 'second'], 24],
  ])('finds %j on line %d', (path, line) => {
    expect(lineOf(path)).toBe(line);
  });

  it('does not take text inside of strings and comments for keys', () => {
    expect(lineOf(['key'])).toBeUndefined();
    expect(lineOf(['fake'])).toBeUndefined();
    expect(lineOf(['server', 'fake'])).toBeUndefined();
  });

  it('tells a quoted name with a dot from a dotted name', () => {
    const dots = locate('"a.b" = 1\na.b = 2\n');
    expect(dots(['a.b'])).toBe(1);
    expect(dots(['a', 'b'])).toBe(2);
  });

  it('counts Windows line ends as one', () => {
    const windows = locate('[a]\r\nb = 1\r\n\r\nc = [\r\n1,\r\n2]\r\nd = 3\r\n');
    expect([windows(['a', 'b']), windows(['a', 'c', 1]), windows(['a', 'd'])]).toEqual([2, 6, 7]);
  });

  it('finds every key of whatever a writer of TOML makes', () => {
    const value = fc.oneof(fc.integer(), fc.boolean(), fc.string(), fc.array(fc.string()));
    const tables = fc.dictionary(
      fc.string({ minLength: 1 }),
      fc.dictionary(fc.string({ minLength: 1 }), value),
    );
    fc.assert(
      fc.property(tables, (document) => {
        const written = stringify(document);
        const find = locate(written);
        const rows = written.split('\n');
        for (const [table, content] of Object.entries(document)) {
          for (const name of Object.keys(content)) {
            const row = rows[(find([table, name]) ?? 0) - 1];
            const before = stringify({ [name]: 0 }).replace(/0\n$/, '');
            expect(row?.trimStart().slice(0, before.length)).toBe(before);
          }
        }
      }),
    );
  });

  it('ends on any text', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'ab="\'[]{}.,#\n\\ ') });
    fc.assert(
      fc.property(noise, (garbage) => {
        expect(locate(garbage)(['nowhere'])).toBeUndefined();
      }),
    );
  });
});
