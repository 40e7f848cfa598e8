import type { SeededRandom } from '@artemis/core/testing';
import { httpBytes, type FuzzRequest } from './fuzz-request.js';
import { hostileName, hostileText } from './hostile-values.js';
import { writeJson, type Json } from './json-writer.js';
import { mutate } from './mutate.js';
import type { FuzzedRoute } from './schema-values.js';
import { jsonType, peerHeaders, type HeaderList, type Maker, type World } from './world.js';

/** What the document calls right. */
export const validRequest: Maker = (world, random) => routeRequest(world, random, false);

/** The same with one to three things wrong. */
export const mutatedRequest: Maker = (world, random) => routeRequest(world, random, true);

function routeRequest(world: World, random: SeededRandom, wrong: boolean): FuzzRequest {
  const route = pickRoute(world, random);
  const label = `${route.method} ${route.name}, ${wrong ? 'mutated' : 'valid'}`;
  const headers = headersFor(world, route);
  if (route.body === undefined) {
    const target = random.pick(route.paths) + queryOf(world, route, random, wrong);
    // Routes that ignore bodies get one all the same.
    const body = route.method === 'POST' ? '{"ignored":[' : undefined;
    const bytes = httpBytes({
      method: route.method,
      target,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    return { label, way: 'whole', method: route.method, route, bytes };
  }
  const valid = world.api.valid(route.body, random);
  const json = writeJson(wrong ? mutate(valid, random) : valid);
  return postOf(world, route, json, { label, target: random.pick(route.paths) });
}

interface PostOptions {
  readonly label: string;
  readonly target?: string;
  readonly headers?: HeaderList;
}

/** A POST of this JSON, or of what looks like it. */
export function postOf(world: World, route: FuzzedRoute, json: string, options: PostOptions): FuzzRequest {
  const headers = [...jsonType, ...headersFor(world, route, options.headers)];
  const bytes = httpBytes({
    method: 'POST',
    target: options.target ?? route.paths[0] ?? '',
    headers,
    body: json,
  });
  return { label: options.label, way: 'whole', method: 'POST', route, bytes, json };
}

/** Host, and what a peer shows; `instead` takes the place of the headers of the same name. */
export function headersFor(world: World, route: FuzzedRoute, instead: HeaderList = []): HeaderList {
  const shown: HeaderList = route.row.audience === 'peer' ? peerHeaders(world) : [];
  const replaced = new Set(instead.map(([name]) => name.toLowerCase()));
  return [['Host', world.host], ...shown.filter(([name]) => !replaced.has(name.toLowerCase())), ...instead];
}

export function pickRoute({ api }: World, random: SeededRandom): FuzzedRoute {
  return random.pick(api.routes);
}

export function routeNamed({ api }: World, name: string): FuzzedRoute {
  const found = api.routes.find((route) => route.name === name && route.method === 'POST');
  if (found === undefined) throw new Error(`no POST route ${name}`);
  return found;
}

function queryOf({ api }: World, { query }: FuzzedRoute, random: SeededRandom, wrong: boolean): string {
  const pairs = Object.entries(query)
    .filter(() => random.chance(0.7))
    .map(([name, schema]): [string, string] => [name, asText(api.valid(schema, random, name))]);
  if (wrong) {
    const at = random.int(0, Math.max(0, pairs.length - 1));
    const [name = 'limit', value = ''] = pairs[at] ?? [];
    const hostile = hostileText(random);
    pairs[at] = random.pick<[string, string]>([
      [name, hostile.slice(0, 2_000)],
      [hostileName(random).slice(0, 300), value],
    ]);
    if (random.chance(0.3)) pairs.push([name, value], [`${name}[]`, value], [`${name}[a][b]`, value]);
  }
  if (pairs.length === 0)
    return wrong ? random.pick(['?', '?&&&', '?=', '?%', '?%ff', '?a', '?a=%E0%A4%A']) : '';
  return `?${pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
}

/** A single surrogate cannot be encoded as UTF-8. */
function encode(text: string): string {
  return encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'));
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : writeJson(value);
}
