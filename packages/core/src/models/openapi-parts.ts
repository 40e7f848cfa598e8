import { httpProblems, type HttpProblem } from '../errors.js';
import type { ApiRoute } from './routes.js';

/** The parts of the OpenAPI document that do not depend on a single route. */

export const sharedHeaders = {
  'X-Artemis-Node': { description: 'Node id of the node that answers', schema: { type: 'string' } },
  'X-Artemis-Clock': {
    description: 'The newest stamp made or seen by the node: send the highest one back with the next request',
    schema: { type: 'integer', minimum: 0 },
  },
  ETag: {
    description: '"<log_id>-<revision of the service>"; absent when the service is unknown',
    schema: { type: 'string' },
  },
  'Retry-After': {
    description: 'Seconds after which to try again',
    schema: { type: 'integer', minimum: 1 },
  },
  Allow: { description: 'The methods that the path serves', schema: { type: 'string' } },
};

export const sharedParameters = {
  ClientClock: {
    name: 'X-Artemis-Clock',
    in: 'header',
    description: 'The highest X-Artemis-Clock seen so far, so that writes on two nodes are ordered as meant',
    schema: { type: 'integer', minimum: 0 },
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'ETag of the answer at hand; 304 when it still holds',
    schema: { type: 'string' },
  },
  Replication: {
    name: 'X-Artemis-Replication',
    in: 'header',
    required: true,
    schema: { type: 'string', const: 'true' },
  },
};

const descriptions: Readonly<Record<HttpProblem, string>> = {
  malformed: 'The body is no JSON, or a query parameter is wrong; the message names what',
  unauthorized: 'The cluster secret is missing or wrong',
  forbidden: 'Another node runs with the node id of this one, and the caller is that node',
  'unknown-path': 'Any other failure, such as 404 for an unknown path',
  'wrong-method': 'The path does not serve this method',
  'too-slow': 'The request did not arrive in time',
  'too-large': 'The inflated body is larger than server.max_body_bytes',
  'wrong-media-type':
    'The body is not declared as application/json in UTF-8, or its encoding is not gzip or deflate',
  'wrong-envelope':
    'The body is no object, a list is missing, no array or too long, or an item is no object; the message starts ' +
    'with the path of the field',
  'rate-limited': 'Too many requests from this address',
  'headers-too-large': 'The request line and the headers are larger than is read',
  internal: 'A fault of the node; the message holds the request id, under which its log says more',
  unavailable: 'The node is not ready, draining, or refuses writes: try another node',
};

const extraHeaders: Readonly<Partial<Record<HttpProblem, string>>> = {
  'wrong-method': 'Allow',
  'rate-limited': 'Retry-After',
  unavailable: 'Retry-After',
};

function responseOf(problem: HttpProblem): [string, object] {
  return [componentName(problem), failure(descriptions[problem], extraHeaders[problem])];
}

function failure(description: string, extraHeader?: string): object {
  const names = ['X-Artemis-Node', 'X-Artemis-Clock', ...(extraHeader === undefined ? [] : [extraHeader])];
  const headers = Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
  const schema = { $ref: '#/components/schemas/Failure' };
  return { description, headers, content: { 'application/json': { schema } } };
}

/** `wrong-media-type` -> `WrongMediaType`. */
export function componentName(name: string): string {
  return name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

const problems = Object.keys(httpProblems) as HttpProblem[];

/** What is answered before it is known which route is meant, so that no route lists it. */
const beforeRoutes: readonly HttpProblem[] = ['too-slow', 'headers-too-large'];

export const sharedResponses = {
  ...Object.fromEntries(problems.filter((problem) => !beforeRoutes.includes(problem)).map(responseOf)),
  NotReplication: failure(
    'X-Artemis-Replication is missing, and then the body is empty; or the body is no JSON',
  ),
};

/** What can go wrong with a request to a route, apart from the rules of the business. */
export function problemsOf(route: ApiRoute, method: 'GET' | 'POST'): HttpProblem[] {
  const found: HttpProblem[] = ['wrong-method', 'internal'];
  if (method === 'POST' && route.envelope) {
    found.push('malformed', 'too-large', 'wrong-media-type', 'wrong-envelope');
  }
  const waits = method === 'GET' && route.query?.shape['wait'] !== undefined;
  if ((route.query && !route.body) || waits) found.push('malformed');
  if (route.audience === 'peer') found.push('unauthorized', 'forbidden');
  if (route.audience !== 'operator') found.push('unavailable');
  if (route.limited) found.push('rate-limited');
  return found;
}
