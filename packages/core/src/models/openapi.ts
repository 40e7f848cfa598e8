import * as z from 'zod';
import { httpProblems, type HttpProblem } from '../errors.js';
import * as api from './api.js';
import { instanceKeySchema, instanceSchema } from './instance.js';
import * as node from './node.js';
import {
  componentName,
  problemsOf,
  sharedHeaders,
  sharedParameters,
  sharedResponses,
} from './openapi-parts.js';
import * as peer from './peer.js';
import { apiRoutes, pathsOf, type ApiRoute } from './routes.js';
import { discoveredInstanceSchema, serviceSchema } from './service.js';
import { wireVersionSchema } from './version.js';

type Json = Record<string, unknown>;

/** Schemas that stand in the document once, under these names, and are referred to from everywhere else. */
const named: Readonly<Record<string, z.ZodType>> = {
  ResponseStatus: api.responseStatusSchema,
  Failure: api.failureSchema,
  Instance: instanceSchema,
  InstanceKey: instanceKeySchema,
  DiscoveredInstance: discoveredInstanceSchema,
  Service: serviceSchema,
  DiscoveryConfig: api.discoveryConfigSchema,
  InstanceKeysRequest: api.keysRequestSchema,
  InstanceKeysResponse: api.keysResponseSchema,
  UpNodesResponse: node.upNodesResponseSchema,
  NodeStatus: node.nodeStatusSchema,
  PeerStatus: node.peerStatusSchema,
  Version: wireVersionSchema,
  Replica: peer.replicaSchema,
  ReplicaInstance: peer.replicaInstanceSchema,
  ReplicaRecord: peer.replicaRecordSchema,
  ReplicaService: peer.replicaServiceSchema,
  Renewal: peer.renewalSchema,
  Removal: peer.removalSchema,
};

const about =
  'A failure of the business on `/api/registry`, `/api/discovery` and `/api/replication` is answered with HTTP 200 ' +
  'and an error code in `response_status`; every other failure has an HTTP status and a body of the same shape. ' +
  'Paths are case-sensitive. Each path ending in `.json` under `/api` is also served without that ending. ' +
  'Request bodies may be gzip or deflate. A field that is absent and one that is `null` are the same; unknown ' +
  'fields are ignored. An unknown path answers 404.';

const tags = [
  { name: 'client', description: 'Registering and finding instances' },
  { name: 'peer', description: 'Between the nodes of a cluster' },
  { name: 'operator', description: 'Status, health and metrics' },
];

const ref = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });

/**
 * The OpenAPI 3.1 document of the whole HTTP API, made from the route table and the wire schemas.
 *
 * @param version software version of the node
 */
export function openApiDocument({ version }: { version: string }): object {
  const schemas = namedSchemas();
  const paths: Json = {};
  for (const [name, route] of Object.entries<ApiRoute>(apiRoutes)) {
    const [path = route.path, alias] = pathsOf(route);
    const operations: Json = {};
    for (const method of route.methods) {
      operations[method.toLowerCase()] = operationOf({ name, route, method, alias, schemas });
    }
    paths[path] = operations;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Artemis',
      version,
      description: about,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags,
    paths,
    components: {
      schemas: encodeAll(schemas),
      headers: sharedHeaders,
      parameters: sharedParameters,
      responses: sharedResponses,
      securitySchemes: {
        clusterSecret: {
          type: 'http',
          scheme: 'bearer',
          description: 'cluster.secret, when one is configured',
        },
      },
    },
  };
}

type NamedSchemas = z.core.$ZodRegistry<{ id: string }>;

function namedSchemas(): NamedSchemas {
  const schemas = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) schemas.add(schema, { id });
  for (const [name, route] of Object.entries<ApiRoute>(apiRoutes)) {
    if (route.body && !schemas.has(route.body))
      schemas.add(route.body, { id: `${componentName(name)}Request` });
    if (route.response && !schemas.has(route.response)) {
      schemas.add(route.response, { id: `${componentName(name)}Response` });
    }
  }
  return schemas;
}

/** A format says what its generated pattern says, in one word. */
function withoutPattern({ jsonSchema }: { jsonSchema: { format?: string; pattern?: string } }): void {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
}

// Requests and answers are the same schemas, so both are described as they are written: `input` leaves objects open,
// since unknown fields are ignored.
const encoding = { io: 'input', override: withoutPattern } as const;

/** A schema inside a document has no dialect and no address of its own. */
function withoutAddress(schema: object): Json {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema' && name !== '$id'));
}

function encodeAll(schemas: NamedSchemas): Json {
  const encoded = z.toJSONSchema(schemas, { ...encoding, uri: (id) => ref('schemas', id).$ref });
  return Object.fromEntries(
    Object.entries(encoded.schemas)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, schema]) => [id, withoutAddress(schema)]),
  );
}

interface Operation {
  readonly name: string;
  readonly route: ApiRoute;
  readonly method: 'GET' | 'POST';
  readonly alias: string | undefined;
  readonly schemas: NamedSchemas;
}

function operationOf(operation: Operation): Json {
  const { name, route, method, alias, schemas } = operation;
  const parameters = parametersOf(operation);
  return {
    operationId: `${method.toLowerCase()}${componentName(name)}`,
    tags: [route.audience],
    summary: route.summary,
    ...(alias === undefined ? {} : { description: `Also served at \`${alias}\`.` }),
    ...(route.audience === 'peer' ? { security: [{ clusterSecret: [] }, {}] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(method === 'POST' && route.body
      ? { requestBody: { required: true, content: jsonContent(schemaRef(schemas, route.body)) } }
      : {}),
    responses: responsesOf(operation),
  };
}

function parametersOf({ route, method }: Operation): Json[] {
  const headers =
    route.audience === 'peer'
      ? [ref('parameters', 'Replication')]
      : [
          ...(route.audience === 'client' ? [ref('parameters', 'ClientClock')] : []),
          ...(method === 'GET' && route.otherStatuses?.[304] ? [ref('parameters', 'IfNoneMatch')] : []),
        ];
  // The query of a route that also takes a body stands in for that body on GET.
  if (!route.query || (method === 'POST' && route.body)) return headers;
  const { properties = {}, required = [] } = z.toJSONSchema(route.query, encoding);
  const query = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
  return [...query, ...headers];
}

function responsesOf({ route, method, schemas }: Operation): Json {
  const revalidated = method === 'GET' && route.otherStatuses?.[304] !== undefined;
  const content = route.response ? jsonContent(answerSchema(schemas, route)) : textContent;
  const responses: Json = { 200: { description: 'OK', headers: answerHeaders(revalidated), content } };
  for (const problem of problemsOf(route, method)) {
    responses[httpProblems[problem].status] = ref('responses', componentName(problem));
  }
  if (route.audience === 'peer') responses[400] = ref('responses', 'NotReplication');
  for (const [status, description] of Object.entries(route.otherStatuses ?? {})) {
    if (status === '304' && !revalidated) continue;
    const headers = { ...answerHeaders(status === '304'), ...(status === '503' ? retryAfter : {}) };
    responses[status] = { description, headers, ...(status === '304' ? {} : { content }) };
  }
  return { ...responses, default: ref('responses', componentName('unknown-path' satisfies HttpProblem)) };
}

const retryAfter = { 'Retry-After': ref('headers', 'Retry-After') };
const textContent = { 'text/plain': { schema: { type: 'string' } } };

function answerHeaders(withETag: boolean): Json {
  return {
    'X-Artemis-Node': ref('headers', 'X-Artemis-Node'),
    'X-Artemis-Clock': ref('headers', 'X-Artemis-Clock'),
    ...(withETag ? { ETag: ref('headers', 'ETag') } : {}),
  };
}

const jsonContent = (schema: Json) => ({ 'application/json': { schema } });

function schemaRef(schemas: NamedSchemas, schema: z.ZodType): Json {
  const id = schemas.get(schema)?.id;
  if (id === undefined) throw new Error('a schema of the route table has no name in the document');
  return ref('schemas', id);
}

/** A 200 can tell of a failure of the business, which has nothing of the answer but its status. */
function answerSchema(schemas: NamedSchemas, { audience, response = z.unknown() }: ApiRoute): Json {
  const answer = schemaRef(schemas, response);
  const failure = { response_status: { error_code: 'bad-request' } };
  if (audience === 'operator' || response.safeParse(failure).success) return answer;
  return { anyOf: [answer, ref('schemas', 'Failure')] };
}
