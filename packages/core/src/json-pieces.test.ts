import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonPieces } from './json-pieces.js';

const written = (value: unknown): string => {
  const pieces = new JsonPieces();
  pieces.value(value);
  return Buffer.from(pieces.take()).toString();
};

describe('JsonPieces', () => {
  it('writes what JSON.stringify does', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
    );
    const leaf = fc.oneof(
      texts,
      fc.maxSafeInteger(),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
    );
    const { any } = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('any'), { maxLength: 5 }),
        fc.dictionary(texts, fc.option(tie('any'), { nil: undefined }), { maxKeys: 5 }),
      ),
    }));
    fc.assert(fc.property(any, (value) => expect(written(value)).toBe(JSON.stringify(value))));
  });

  it.each([
    0,
    -0,
    9,
    10,
    99_999_999,
    100_000_000,
    0x3fff_ffff,
    0x4000_0000,
    2 ** 53 - 1,
    2 ** 53,
    -1,
    0.5,
    1e21,
    NaN,
    -Infinity,
  ])('writes %d', (value) => {
    expect(written(value)).toBe(JSON.stringify(value));
  });

  it('makes room for whatever is larger than a piece', () => {
    const values = ['x'.repeat(100_000), '服'.repeat(50_000), Array.from({ length: 20_000 }, (_, at) => at)];
    expect(written(values)).toBe(JSON.stringify(values));
  });

  it('ends a piece after so many bytes, and after many items of which there is nothing to say', () => {
    const pieces = new JsonPieces();
    const itemsOf = (text: string): number => {
      let items = 0;
      for (; !pieces.isFull; items += 1) {
        pieces.value(text);
        pieces.endItem();
      }
      pieces.take();
      return items;
    };
    expect([itemsOf('x'.repeat(898)), itemsOf('')]).toEqual([9, 81]);
  });

  it('begins anew once a piece is taken', () => {
    const pieces = new JsonPieces();
    pieces.value('one');
    const first = Buffer.from(pieces.take()).toString();
    pieces.fields({ two: 2, gone: undefined, three: '3' }, ',');
    expect([first, pieces.length, Buffer.from(pieces.take()).toString()]).toEqual([
      '"one"',
      20,
      ',"two":2,"three":"3"',
    ]);
  });
});
