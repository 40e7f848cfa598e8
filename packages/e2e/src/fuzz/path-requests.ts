import { METHODS } from 'node:http';
import type { SeededRandom } from '@artemis/core/testing';
import { httpBytes, type FuzzRequest } from './fuzz-request.js';
import { headersFor, pickRoute } from './route-requests.js';
import { jsonType, type Maker, type World } from './world.js';

/** Paths that lead nowhere, or to a route by a way that is none. */
export const pathRequest: Maker = (world, random) =>
  random.chance(0.5) ? strangePath(world, random) : strangeMethod(world, random);

function strangePath(world: World, random: SeededRandom): FuzzRequest {
  const route = pickRoute(world, random);
  const path = random.pick(route.paths);
  const changed = random.pick<(of: string) => string>([
    (of) => `${of}/`,
    (of) => `/${of}`,
    (of) => of.replaceAll('/', '//'),
    (of) => of.replaceAll('/', '%2f'),
    (of) => of.replaceAll('/', '\\'),
    (of) => of.toUpperCase(),
    (of) => `${of}.json.json`,
    (of) => `${of};a=b`,
    (of) => `${of}%00`,
    (of) => `${of}%`,
    (of) => `${of}%ff`,
    (of) => `${of}%c0%ae`,
    (of) => `/api/..${of}`,
    (of) => `${of}/../../../../etc/passwd`,
    (of) => `/%2e%2e${of}`,
    (of) => `/..;${of}`,
    (of) => of.slice(0, -1),
    (of) => `${of}\x80\xff`,
    (of) => of.replace('/', '/.'),
    () => '/',
    () => '//',
    () => '/api',
    () => '/favicon.ico',
    () => '/__proto__',
    () => '/constructor/prototype',
    () => '/%',
    () => `/${'a'.repeat(4_000)}`,
    () => `/${'a/'.repeat(4_000)}`,
    () => `/${'%41'.repeat(4_000)}`,
  ])(path);
  const bytes = httpBytes({ method: route.method, target: changed, headers: headersFor(world, route) });
  // What some of these make of a path is another one of the table.
  const leads = world.api.routes.some(({ paths }) => paths.includes(changed));
  return {
    label: `the path ${changed.slice(0, 60)}`,
    way: 'whole',
    method: route.method,
    bytes,
    expected: leads ? [200, 400, 405, 415, 422] : [400, 404],
  };
}

/** What the node may answer to a method that it does not serve on a path that it does. */
const wrongMethod = [405];

function strangeMethod(world: World, random: SeededRandom): FuzzRequest {
  const route = pickRoute(world, random);
  const served = world.api.routes.filter(({ name }) => name === route.name).map(({ method }) => method);
  // A tunnel is not a request that Express sees.
  const method = random.pick(METHODS.filter((name) => name !== 'CONNECT'));
  const known =
    served.some((name) => name === method) ||
    method === 'OPTIONS' ||
    (method === 'HEAD' && served.includes('GET'));
  const headers = [...headersFor(world, route), ...jsonType];
  const body = method === 'POST' ? '{}' : undefined;
  const target = random.pick(route.paths);
  return {
    label: `${method} ${target}`,
    way: 'whole',
    method,
    bytes: httpBytes({ method, target, headers, ...(body === undefined ? {} : { body }) }),
    // What a served method answers is checked elsewhere; here it only has to be no failure of the node.
    ...(known ? { expected: [200, 204, 400, 422] } : { expected: wrongMethod }),
  };
}
