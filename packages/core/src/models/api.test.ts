import { describe, expect, it } from '@jest/globals';
import type * as z from 'zod';
import {
  discoverServiceRequestSchema,
  keysEnvelopeSchema,
  lookupEnvelopeSchema,
  lookupRequestSchema,
  registerEnvelopeSchema,
  serviceListQuerySchema,
  serviceListRequestSchema,
} from './api.js';
import { describeIssue } from './issues.js';

function problem(schema: z.ZodType, value: unknown): string | undefined {
  const parsed = schema.safeParse(value);
  return parsed.success ? undefined : describeIssue(parsed.error, '', value);
}

describe('the envelope of a batch', () => {
  it.each([
    ['instances', registerEnvelopeSchema],
    ['instance_keys', keysEnvelopeSchema],
  ])('of %s is an object with a list of up to 10 000 objects', (field, schema) => {
    const of = (list: unknown) => problem(schema, { [field]: list });
    const items = (count: number) => Array.from({ length: count }, () => ({}));
    expect(of([])).toBeUndefined();
    expect(of([{ anything: 1 }])).toBeUndefined();
    expect(of(items(10_000))).toBeUndefined();
    expect(of(items(10_001))).toBe(`${field}: expected at most 10000 items, has 10001`);
    expect(of(undefined)).toBe(`${field}: missing, expected an array`);
    expect(of(null)).toBe(`${field}: expected an array, got null`);
    expect(of([{}, 'x'])).toBe(`${field}[1]: expected an object, got a string`);
    expect(of([[]])).toBe(`${field}[0]: expected an object, got an array`);
    expect(problem(schema, [])).toBe('expected an object, got an array');
  });

  it('of a lookup is a list, one config, or neither, which is for the lookup to refuse', () => {
    expect(
      problem(lookupEnvelopeSchema, { discovery_configs: [{}], discovery_config: null }),
    ).toBeUndefined();
    expect(problem(lookupEnvelopeSchema, {})).toBeUndefined();
    expect(problem(lookupEnvelopeSchema, { discovery_configs: [7] })).toContain('discovery_configs[0]: ');
  });
});

describe('discovery requests', () => {
  const config = (changes: object) =>
    problem(discoverServiceRequestSchema, { discovery_config: { service_id: 'orders', ...changes } });

  it('take null for missing', () => {
    expect(config({ region_id: null, zone_id: null, discovery_data: null })).toBeUndefined();
    expect(config({ discovery_data: { status: null, scope: null } })).toBeUndefined();
  });

  it('name the values to choose from', () => {
    expect(config({ discovery_data: { status: 'down' } })).toBe(
      'discovery_config.discovery_data.status: expected one of "up", "any", is "down"',
    );
    expect(config({ discovery_data: { scope: 'world' } })).toBe(
      'discovery_config.discovery_data.scope: expected one of "zone", "region", "any", is "world"',
    );
    expect(problem(lookupRequestSchema, { strategy: 'first' })).toBe(
      'strategy: expected one of "random", "round-robin", "weighted", "same-zone-first", is "first"',
    );
  });

  it('take a page size from 1 to 10 000, as a number or in the query', () => {
    for (const limit of [1, 10_000]) {
      expect(problem(serviceListRequestSchema, { limit })).toBeUndefined();
      expect(problem(serviceListQuerySchema, { limit: String(limit) })).toBeUndefined();
    }
    for (const limit of [0, 10_001, 1.5, -1]) {
      expect(problem(serviceListRequestSchema, { limit })).toContain('limit: ');
      expect(problem(serviceListQuerySchema, { limit: String(limit) })).toBe('limit: expected 1 to 10000');
    }
  });
});
