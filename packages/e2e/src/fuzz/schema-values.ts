import {
  apiRoutes,
  openApiDocument,
  pathsOf,
  softwareVersion,
  type ApiRoute,
  type RouteName,
} from '@artemis/core';
import type { SeededRandom } from '@artemis/core/testing';
import type { Json } from './json-writer.js';

/** What is used here of a JSON schema. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly not?: object;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

interface Operation {
  readonly parameters?: readonly { readonly name?: string; readonly in?: string; readonly schema?: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** A method of a row of the route table, as the published document has it. */
export interface FuzzedRoute {
  readonly name: RouteName;
  readonly row: ApiRoute;
  readonly method: 'GET' | 'POST';
  /** The documented path and its aliases. */
  readonly paths: readonly string[];
  readonly body: Schema | undefined;
  readonly query: Readonly<Record<string, Schema>>;
  /** Statuses that the document names. */
  readonly statuses: readonly number[];
}

/** All that a node serves, read from its own OpenAPI document, so that a route is fuzzed by being in the table. */
export class Api {
  readonly routes: readonly FuzzedRoute[];
  readonly #schemas: Readonly<Record<string, Schema>>;

  constructor() {
    // Through JSON, as everybody else gets it.
    const text = JSON.stringify(openApiDocument({ version: softwareVersion }));
    const document = JSON.parse(text) as Document;
    this.#schemas = document.components.schemas;
    this.routes = (Object.entries(apiRoutes) as [RouteName, ApiRoute][]).flatMap(([name, row]) =>
      row.methods.map((method) => routeOf(document, name, row, method)),
    );
  }

  /** A value that the schema describes. */
  valid(schema: Schema, random: SeededRandom, name = ''): Json {
    const resolved = this.#resolve(schema);
    if (resolved.const !== undefined) return resolved.const;
    if (resolved.enum !== undefined) return random.pick(resolved.enum);
    if (resolved.anyOf !== undefined) {
      const choices = resolved.anyOf.filter(
        ({ type, not }) => not === undefined && (type !== 'null' || random.chance(0.2)),
      );
      return this.valid(random.pick(choices), random, name);
    }
    switch (resolved.type ?? 'string') {
      case 'object':
        return this.#object(resolved, random, name);
      case 'array':
        return this.#list(resolved, random, name);
      case 'integer':
      case 'number':
        return wholeNumber(resolved, random, name);
      case 'boolean':
        return random.chance(0.5);
      case 'null':
        return null;
      default:
        return textOf(resolved, random, name);
    }
  }

  /** Whether bodies of that schema have the field; every body has ''. */
  hasField(schema: Schema, field: string): boolean {
    return field === '' || Object.hasOwn(this.#resolve(schema).properties ?? {}, field);
  }

  #resolve(schema: Schema): Schema {
    const { $ref, ...rest } = schema;
    if ($ref === undefined) return schema;
    const found = this.#schemas[$ref.replace('#/components/schemas/', '')];
    if (found === undefined) throw new Error(`the document refers to ${$ref}, which it does not hold`);
    return { ...this.#resolve(found), ...rest };
  }

  #object(schema: Schema, random: SeededRandom, name: string): Json {
    const fields = Object.entries(schema.properties ?? {}).filter(
      ([field, { not }]) =>
        not === undefined && (schema.required?.includes(field) === true || random.chance(0.5)),
    );
    if (fields.length === 0 && name === 'metadata') return { weight: '5', zone: 'fuzz' };
    return Object.fromEntries(fields.map(([field, inner]) => [field, this.valid(inner, random, field)]));
  }

  #list(schema: Schema, random: SeededRandom, name: string): Json {
    if (schema.prefixItems?.length === 4) return aVersion(random);
    if (schema.prefixItems !== undefined) return schema.prefixItems.map((item) => this.valid(item, random));
    const length = Math.max(schema.minItems ?? 0, random.pick([0, 1, 1, 2, 3]));
    return Array.from({ length }, () => this.valid(schema.items ?? {}, random, name));
  }
}

function routeOf(document: Document, name: RouteName, row: ApiRoute, method: 'GET' | 'POST'): FuzzedRoute {
  const paths = pathsOf(row);
  const operation = document.paths[paths[0] ?? '']?.[method.toLowerCase()];
  if (operation === undefined) throw new Error(`the document lacks ${method} ${row.path}`);
  const parameters = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
  return {
    name,
    row,
    method,
    paths,
    body: operation.requestBody?.content['application/json']?.schema,
    query: Object.fromEntries(parameters.map((parameter) => [parameter.name ?? '', parameter.schema ?? {}])),
    statuses: Object.keys(operation.responses).map(Number),
  };
}

const idFields = ['region_id', 'zone_id', 'service_id', 'group_id', 'instance_id', 'machine_name', 'owner'];

/** Nearby names, so that one request meets what another one left. */
function idOf(random: SeededRandom, name: string): string {
  const id = `fuzz-${name.replace('_id', '')}-${random.int(0, 9)}`;
  return name === 'service_id' && random.chance(0.2) ? id.toUpperCase() : id;
}

const pool: readonly string[] = [
  '10.1.2.3',
  '::1',
  'host.example.org',
  'http://10.1.2.3:8080',
  'https://[::1]/x?y=z',
  '',
  '0',
  '5',
  'a',
  'ab1',
  '0123456789abcdef',
  '0123456789abcdef'.repeat(16),
  'a'.repeat(40),
  '2026-01-02T03:04:05Z',
  'b25l',
];

function textOf(
  { pattern, format, minLength = 0, maxLength = Infinity }: Schema,
  random: SeededRandom,
  name: string,
): string {
  if (idFields.includes(name)) return idOf(random, name);
  if (format === 'uri') return random.pick(['http://10.1.2.3:8080', 'dubbo://a:1/x']);
  const rule = pattern === undefined ? undefined : new RegExp(pattern, 'u');
  const format4 =
    format === 'ipv4' ? /^\d+\./ : format === 'ipv6' ? /:1$/ : format === 'hostname' ? /^host/ : rule;
  const fitting = pool.filter(
    (text) => (format4?.test(text) ?? true) && text.length >= minLength && text.length <= maxLength,
  );
  return fitting.length > 0 ? random.pick(fitting) : idOf(random, name);
}

function wholeNumber(
  { minimum = 0, maximum = 1_000_000 }: Schema,
  random: SeededRandom,
  name: string,
): number {
  if (name === 'lease_ttl_ms') return random.pick([1_000, 30_000, 1_500_000]);
  if (name === 'age_ms') return random.pick([0, 5, 900, 20_000]);
  const low = Math.max(minimum, 0);
  return random.pick([
    low,
    low + 1,
    random.int(low, Math.min(maximum, low + 10_000)),
    Math.min(maximum, 1_000_000),
  ]);
}

/** A version of a node that does not exist, of the last minutes. */
function aVersion(random: SeededRandom): Json {
  const stamp = (Date.now() - random.int(0, 300_000)) * 1024 + random.int(0, 1023);
  return [stamp, `fuzz-node#${random.int(0, 9)}`, 2 * random.int(0, 3), `fuzz-node-${random.int(0, 3)}`];
}
