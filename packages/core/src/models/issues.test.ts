import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
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
    expect(issue(nested, 5, 'body')).toBe('body: expected an object, got a number');
    expect(issue(nested, 5)).toBe('expected an object, got a number');
  });

  it('puts odd names into quotes', () => {
    const map = z.record(z.string(), z.string());
    expect(issue(map, { 'a.b\n': 1 }, 'm')).toBe('m["a.b\\n"]: expected a string, got a number');
  });

  it('tells missing from wrong', () => {
    expect(issue(nested, {})).toBe('a: missing, expected an object');
    expect(issue(nested, { a: { list: [{}] } })).toBe('a.list[0].n: missing, expected a number');
    expect(issue(nested, { a: null })).toBe('a: expected an object, got null');
  });

  it('names the values to choose from', () => {
    expect(issue(z.enum(['up', 'any']), 'down', 'status')).toBe('status: expected one of "up", "any"');
  });

  it('says what stands there, where it is told the value', () => {
    const limited = z.object({ n: z.int().max(9), t: z.string().max(3), list: z.array(z.int()).min(2) });
    const of = (value: object) => {
      const whole = { n: 1, t: '', list: [1, 2], ...value };
      return describeIssue(limited.safeParse(whole).error!, 'x', whole);
    };
    expect(of({ n: 10 })).toBe('x.n: expected at most 9, is 10');
    expect(of({ n: 1.5 })).toBe('x.n: expected a whole number, is 1.5');
    expect(of({ t: 'abcd' })).toBe('x.t: expected at most 3 characters, has 4');
    expect(of({ list: [1] })).toBe('x.list: expected at least 2 items, has 1');
    expect(of({ n: null })).toBe('x.n: expected a number, got null');
    expect(issue(limited, { n: 10, t: '', list: [1, 2] }, 'x')).toBe('x.n: expected at most 9');
  });

  it('tells apart limits that are and are not part of the range', () => {
    expect(issue(z.number().lt(5), 5)).toBe('expected less than 5');
    expect(issue(z.number().gt(5), 5)).toBe('expected more than 5');
    expect(issue(z.string().min(1), '')).toBe('expected at least 1 character');
  });

  it.each<[z.ZodType, unknown, string]>([
    [z.literal('true'), 'false', 'expected "true", is "false"'],
    [z.iso.datetime(), 'now', 'expected a valid datetime, is "now"'],
    [z.strictObject({}), { a: 1 }, 'unknown field "a"'],
    [z.int(), 2 ** 53, 'expected at most 9007199254740991, is 9007199254740992'],
    [z.int(), Infinity, 'expected a number, got Infinity'],
    [z.never(), 'x', 'expected nothing, got a string'],
    [z.boolean(), 1, 'expected true or false, got a number'],
  ])('has words of its own: %#', (schema, value, text) => {
    expect(describeIssue(schema.safeParse(value).error!, '', value)).toBe(text);
  });

  it('does not grow with what is wrong', () => {
    const long = 'a'.repeat(1_000_000);
    const texts = [
      describeIssue(z.record(z.string(), z.string()).safeParse({ [long]: 1 }).error!, 'm'),
      describeIssue(z.enum(['up']).safeParse(long).error!, 'status', long),
      describeIssue(z.strictObject({}).safeParse({ [long]: 1 }).error!, 'm'),
    ];
    for (const text of texts) expect(text.length).toBeLessThan(200);
  });

  it('of several shapes takes the closest, and the first of equals', () => {
    const either = z.object({
      x: z.union([z.object({ a: z.string(), b: z.string() }), z.object({ c: z.string() })]),
    });
    expect(issue(either, { x: { c: 1 } })).toBe('x.c: expected a string, got a number');
    expect(issue(either, { x: { a: 'a' } })).toBe('x.b: missing, expected a string');
  });

  it('keeps the text that a choice has of its own', () => {
    const either = z.union([z.string(), z.boolean()], { error: 'expected a text or a truth' });
    expect(issue(either, 5, 'x')).toBe('x: expected a text or a truth');
  });
});
