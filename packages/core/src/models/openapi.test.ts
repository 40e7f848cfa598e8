import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from '@jest/globals';
import { httpProblems } from '../errors.js';
import { openApiDocument } from './openapi.js';
import { apiRoutes, pathsOf, type ApiRoute } from './routes.js';

interface Operation {
  readonly operationId: string;
  readonly description?: string;
  readonly parameters?: readonly ({ name: string; in: string; required?: boolean } | { $ref: string })[];
  readonly requestBody?: { content: Record<string, { schema: { $ref: string } }> };
  readonly responses: Record<string, { $ref?: string; headers?: object; content?: object }>;
  readonly security?: object[];
}

interface Document {
  readonly openapi: string;
  readonly info: { version: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: Record<string, Record<string, unknown>>;
}

/** As a reader gets it: through JSON. */
const document = JSON.parse(JSON.stringify(openApiDocument({ version: '1.2.3' }))) as Document;
const routes: readonly ApiRoute[] = Object.values(apiRoutes);

function operation(path: string, method: string): Operation {
  const found = document.paths[path]?.[method];
  if (found === undefined) throw new Error(`${method} ${path} is not in the document`);
  return found;
}

const statuses = (path: string, method: string) => Object.keys(operation(path, method).responses);

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator({ strict: false });
    const { valid, errors } = await validator.validate({ ...document });
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(validator.version).toBe('3.1');
    expect(document.info.version).toBe('1.2.3');
  });

  it('is not accepted by the validator once it is broken', async () => {
    const broken = { ...document, paths: { '/health': { get: { responses: { abc: 1 } } } } };
    const { valid } = await new Validator({ strict: false }).validate(broken);
    expect(valid).toBe(false);
  });

  it('has each route under its documented path with its methods, and names the alias', () => {
    const expected = routes.map((route) => [
      pathsOf(route)[0],
      route.methods.map((method) => method.toLowerCase()),
    ]);
    expect(Object.entries(document.paths).map(([path, item]) => [path, Object.keys(item)])).toEqual(expected);
    expect(operation('/api/registry/register.json', 'post').description).toContain(
      '`/api/registry/register`',
    );
    expect(operation('/health', 'get').description).toBeUndefined();
  });

  it('gives every operation an id of its own', () => {
    const ids = Object.values(document.paths).flatMap((item) =>
      Object.values(item).map((one) => one.operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refers to nothing that it does not hold, and holds no schema that nothing refers to', () => {
    const text = JSON.stringify(document);
    const used = new Set(
      [...text.matchAll(/"#\/components\/(\w+)\/([\w-]+)"/g)].map(([, kind, name]) => `${kind}/${name}`),
    );
    const held = Object.entries(document.components)
      .filter(([kind]) => kind !== 'securitySchemes')
      .flatMap(([kind, items]) => Object.keys(items).map((name) => `${kind}/${name}`));
    expect([...used].sort()).toEqual(held.sort());
    expect(text).not.toContain('__shared');
  });

  it('describes a shared shape once', () => {
    const schemas = document.components['schemas'] as Record<string, { properties: Record<string, unknown> }>;
    expect(schemas['RegisterRequest']?.properties['instances']).toMatchObject({
      items: { $ref: '#/components/schemas/Instance' },
    });
    expect(schemas['InstanceKeysRequest']?.properties['instance_keys']).toMatchObject({
      items: { $ref: '#/components/schemas/InstanceKey' },
    });
    for (const [name, schema] of Object.entries(schemas)) {
      const status = schema.properties?.['response_status'];
      if (status !== undefined)
        expect([name, status]).toEqual([name, { $ref: '#/components/schemas/ResponseStatus' }]);
    }
  });

  it('lists the statuses that a route can answer', () => {
    const batch = ['200', '400', '405', '413', '415', '422', '429', '500', '503', 'default'];
    expect(statuses('/api/registry/register.json', 'post')).toEqual(batch);
    const between = ['200', '400', '401', '403', '405', '413', '415', '422', '500', '503', 'default'];
    expect(statuses('/api/replication/registry/register.json', 'post')).toEqual(between);
    expect(statuses('/api/discovery/service.json', 'get')).toEqual([
      '200',
      '304',
      '400',
      '405',
      '429',
      '500',
      '503',
      'default',
    ]);
    expect(statuses('/api/discovery/service.json', 'post')).not.toContain('304');
    expect(statuses('/api/status/leases.json', 'post')).toEqual([
      '200',
      '400',
      '405',
      '429',
      '500',
      'default',
    ]);
    expect(statuses('/health', 'get')).toEqual(['200', '405', '500', '503', 'default']);
  });

  it('has a description for every problem that can be answered', () => {
    const responses = Object.keys(document.components['responses'] ?? {});
    // One more, of requests that do not replicate; two less, of what is answered before a route is found.
    expect(responses).toHaveLength(Object.keys(httpProblems).length + 1 - 2);
  });

  it('documents the headers', () => {
    const found = operation('/api/discovery/service.json', 'get');
    expect(Object.keys(found.responses['200']?.headers ?? {})).toEqual([
      'X-Artemis-Node',
      'X-Artemis-Clock',
      'ETag',
    ]);
    expect(found.parameters).toContainEqual({ $ref: '#/components/parameters/IfNoneMatch' });
    expect(found.parameters).toContainEqual(
      expect.objectContaining({ name: 'service_id', in: 'query', required: true }),
    );
    expect(operation('/api/replication/registry/services.json', 'get').security).toEqual([
      { clusterSecret: [] },
      {},
    ]);
  });

  it('says that a discovery answer may be a bare failure', () => {
    const text = JSON.stringify(operation('/api/discovery/service.json', 'post').responses['200']);
    expect(text).toContain('#/components/schemas/Failure');
    expect(JSON.stringify(operation('/api/registry/register.json', 'post').responses['200'])).not.toContain(
      'Failure',
    );
  });
});
