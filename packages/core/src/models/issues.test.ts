import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { describeIssue } from './issues.js';

function issue(schema: z.ZodType, value: unknown, base = ''): string {
  const parsed = schema.safeParse(value);
  if (parsed.success) throw new Error('nothing is wrong');
  return describeIssue(parsed.error, base);
}

describe('describeIssue', () => {
  const nested = z.object({ a: z.object({ list: z.array(z.object({ n: z.int() })) }) });

  it('starts with the path, from the base', () => {
    const value = { a: { list: [{ n: 1 }, { n: 1.5 }] } };
    expect(issue(nested, value)).toBe('a.list[1].n: expected a whole number');
    expect(issue(nested, value, 'items[7]')).toBe('items[7].a.list[1].n: expected a whole number');
  });

  it('says nothing of a path where there is none', () => {
    expect(issue(nested, 5, 'body')).toBe('body: Invalid input: expected object, received number');
    expect(issue(nested, 5)).toBe('Invalid input: expected object, received number');
  });

  it('puts odd names into quotes', () => {
    const map = z.record(z.string(), z.string());
    expect(issue(map, { 'a.b\n': 1 }, 'm')).toBe(
      'm["a.b\\n"]: Invalid input: expected string, received number',
    );
  });

  it('tells missing from wrong', () => {
    expect(issue(nested, {})).toBe('a: missing, expected object');
    expect(issue(nested, { a: { list: [{}] } })).toBe('a.list[0].n: missing, expected number');
    expect(issue(nested, { a: null })).toBe('a: Invalid input: expected object, received null');
  });

  it('names the values to choose from', () => {
    expect(issue(z.enum(['up', 'any']), 'down', 'status')).toBe(
      'status: Invalid option: expected one of "up"|"any"',
    );
  });

  it('of several shapes takes the closest, and the first of equals', () => {
    const either = z.object({
      x: z.union([z.object({ a: z.string(), b: z.string() }), z.object({ c: z.string() })]),
    });
    expect(issue(either, { x: { c: 1 } })).toBe('x.c: Invalid input: expected string, received number');
    expect(issue(either, { x: { a: 'a' } })).toBe('x.b: missing, expected string');
  });

  it('keeps the text that a choice has of its own', () => {
    const either = z.union([z.string(), z.boolean()], { error: 'expected a text or a truth' });
    expect(issue(either, 5, 'x')).toBe('x: expected a text or a truth');
  });
});
