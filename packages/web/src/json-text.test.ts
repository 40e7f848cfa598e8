import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from './json-text.js';

/** As deep as it says: lists and objects around a value. */
const nested = (depth: number, inner: unknown): unknown =>
  Array.from({ length: depth }).reduce<unknown>(
    (value, _, level) => (level % 2 === 0 ? [value, 1] : { '}"]\\': value }),
    inner,
  );

/** Texts of what could be taken for the end of a text, or for a bracket. */
const awkward = fc.string({ unit: fc.constantFrom('"', '\\', '[', '{', ']', '}', 'a', 'é', '\n') });

const refusal = 'malformed JSON: nested deeper than 100 levels';

describe('JSON from outside', () => {
  it('may be nested a hundred levels deep, whatever its texts hold', () => {
    fc.assert(
      fc.property(awkward, fc.integer({ min: 90, max: 110 }), (text, depth) => {
        const value = nested(depth, text);
        const json = JSON.stringify(value);
        if (depth <= 100) expect(parseJson(json)).toEqual(value);
        else expect(() => parseJson(json)).toThrow(refusal);
      }),
    );
  });

  it.each([
    ['a text that does not end', `[${'"a",'.repeat(100)}"\\`],
    ['a text that ends in a backslash', `${'["\\\\'.repeat(50)}`],
    ['more ends than beginnings', `${']'.repeat(300)}`],
    ['backslashes outside of texts', `${'\\"'.repeat(200)}`],
  ])('is refused as no JSON: %s', (_name, json) => {
    expect(() => parseJson(json)).toThrow(/^malformed JSON: (?!nested)/);
  });

  it('is refused before it is parsed where it is nothing but brackets', () => {
    expect(() => parseJson('['.repeat(1_000_000))).toThrow(refusal);
  });
});
