import { describe, expect, it } from '@jest/globals';
import { describeIssue } from './issues.js';
import { metadataSchema } from './metadata.js';

function problem(value: unknown): string | undefined {
  const parsed = metadataSchema.safeParse(value);
  return parsed.success ? undefined : describeIssue(parsed.error, 'metadata', value);
}

/** So many entries, and how often one of them was looked at. */
function watched(entries: number, value: unknown) {
  const looks = { count: 0 };
  const metadata = {};
  for (let index = 0; index < entries; index += 1) {
    Object.defineProperty(metadata, `name${index}`, {
      enumerable: true,
      get: () => ((looks.count += 1), value),
    });
  }
  return { metadata, looks };
}

describe('metadata', () => {
  it('is not looked through once it has too many entries', () => {
    const { metadata, looks } = watched(10_000, 'x');
    expect(problem(metadata)).toBe('metadata: expected at most 64 entries');
    expect(looks.count).toBeLessThanOrEqual(64);
  });

  it('is not looked through once an entry is wrong', () => {
    const { metadata, looks } = watched(64, 5);
    expect(problem(metadata)).toBe('metadata.name0: expected a string, got a number');
    // Once to find it wrong, once to say so.
    expect(looks.count).toBeLessThanOrEqual(2);
  });

  it('is not put into bytes when a text alone is too long', () => {
    const { metadata, looks } = watched(64, 'x'.repeat(16_385));
    expect(problem(metadata)).toBe('metadata: expected at most 16384 bytes of names and values');
    expect(looks.count).toBe(1);
  });

  it.each([[null], [[]], ['text'], [5], [true]])('is never %j', (value) => {
    expect(problem(value)).toBe('metadata: expected an object whose values are strings');
  });

  it('counts bytes of UTF-8', () => {
    expect(problem({ é: 'é'.repeat(8_191) })).toBeUndefined();
    expect(problem({ é: 'é'.repeat(8_192) })).toContain('16384 bytes');
  });

  it('keeps every name, whatever it means to JavaScript', () => {
    const hostile = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}') as object;
    const parsed = metadataSchema.parse(hostile);
    expect(JSON.stringify(parsed)).toBe('{"__proto__":"a","constructor":"b","toString":"c"}');
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  });
});
