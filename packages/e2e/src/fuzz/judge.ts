import { apiRoutes, failureSchema, type ApiRoute } from '@artemis/core';
import type { FuzzRequest } from './fuzz-request.js';
import { aboutInstance, aboutKey, aboutRecord, aboutRemoval, type Opinion } from './oracle.js';
import type { WireAnswer } from './wire.js';

/** A message says what is wrong in so many characters at most; that of a lookup names ten services. */
const longestMessage = 600;
const longestLookup = 6_000;
const mebibyte = 1024 * 1024;
/** Bytes that an answer may take for each item of the request, besides what it repeats of it. */
const bytesPerItem = 1_000;
/** These list what the node holds, which does not grow with the request. */
const listings = [
  'service',
  'services',
  'lookup',
  'replicaServices',
  'replicaRecords',
  'replicaDigest',
  'replicaLeases',
];

/** Statuses of requests that reach no route of the table. */
const beforeRoutes = [400, 404, 405, 408, 413, 417, 431, 505];

/** What is wrong with an answer, `undefined` when nothing is. */
export function faultOf(request: FuzzRequest, answer: WireAnswer, nowMs: number): string | undefined {
  const { status } = answer;
  const allowed = request.expected ?? request.route?.statuses ?? beforeRoutes;
  if (status === 500 || !(allowed.includes(status) || isRefusal(request, status)))
    return `status ${status}, expected ${allowed.join(', ')}`;
  return faultOfHeaders(answer, nowMs) ?? faultOfBody(request, answer, nowMs);
}

/** What the document lets the node say to any request of that route. */
function isRefusal({ route }: FuzzRequest, status: number): boolean {
  return status === 503 && route?.statuses.includes(503) === true;
}

function faultOfHeaders({ headers, status }: WireAnswer, nowMs: number): string | undefined {
  const clock = headers['x-artemis-clock'] ?? '';
  if (headers['x-artemis-node'] !== 'node1') return 'the answer does not name its node';
  if (!/^\d{1,16}$/.test(clock)) return `X-Artemis-Clock is "${clock}"`;
  // Peers with the secret may be a minute ahead; the test itself takes some.
  if (Number(clock) / 1024 > nowMs + 10 * 60_000) return `the node's clock was pushed ahead to ${clock}`;
  if (status === 503 && headers['retry-after'] === undefined) return 'a 503 without Retry-After';
  return undefined;
}

function faultOfBody(request: FuzzRequest, answer: WireAnswer, nowMs: number): string | undefined {
  const { status, text, headers } = answer;
  if (request.method === 'HEAD' || status === 204 || status === 304) return undefined;
  if (/\n\s+at .+:\d+|node_modules|node:internal/.test(text)) return 'the answer shows a stack';
  // Documented: without its header a replication route says nothing at all.
  if (status === 400 && text === '' && !replicates(request)) return undefined;
  if (headers['content-type']?.startsWith('application/json') !== true)
    return status === 200 ? undefined : `the answer is no JSON: ${text.slice(0, 100)}`;
  const body: unknown = JSON.parse(text);
  if (status !== 200) return faultOfFailure(body);
  return faultOfSuccess(request, body, text.length, nowMs);
}

function replicates({ bytes }: FuzzRequest): boolean {
  const found = /x-artemis-replication: (.*)\r\n/i.exec(bytes.toString('latin1', 0, 40_000));
  return found?.[1] === 'true';
}

function faultOfFailure(body: unknown): string | undefined {
  const failure = failureSchema.safeParse(body);
  if (!failure.success) return `the failure has another shape: ${JSON.stringify(body).slice(0, 200)}`;
  return faultOfMessage(failure.data.response_status.error_message ?? '');
}

function faultOfMessage(message: string, longest = longestMessage): string | undefined {
  if (message === '') return 'the failure has no message';
  if (message.length > longest) return `a message of ${message.length} characters: ${message.slice(0, 100)}`;
  if (/Too (big|small)|Invalid (input|option|string)|ZodError|\[object /.test(message))
    return `the message is no plain text: ${message}`;
  return undefined;
}

interface BatchAnswer {
  readonly response_status?: { readonly error_code?: string; readonly error_message?: string };
  readonly failed_instances?: readonly { readonly error_message?: string }[];
  readonly failed_instance_keys?: readonly unknown[];
}

function faultOfSuccess(
  request: FuzzRequest,
  body: unknown,
  size: number,
  nowMs: number,
): string | undefined {
  const { route, json } = request;
  if (route === undefined) return undefined;
  const schema = (apiRoutes[route.name] as ApiRoute).response;
  const problem = schema?.safeParse(body).error?.issues[0];
  // A question that is wrong is answered 200, with nothing but the failure.
  if (problem !== undefined && !(route.row.audience === 'client' && failureSchema.safeParse(body).success))
    return `the answer has another shape than documented: ${problem.path.join('.')}: ${problem.message}`;
  const { response_status: status, failed_instances: failed } = body as BatchAnswer;
  if (status?.error_code === 'internal-error') return 'internal-error';
  if (status !== undefined && status.error_code !== 'success') {
    const messages = [status.error_message ?? '', ...(failed ?? []).map((item) => item.error_message ?? '')];
    const longest = route.name === 'lookup' ? longestLookup : longestMessage;
    const fault = messages.map((text) => faultOfMessage(text, longest)).find((found) => found !== undefined);
    if (fault !== undefined) return fault;
  }
  if (json === undefined) return undefined;
  const items = itemsOf(json);
  const most = 3 * json.length + bytesPerItem * items.length + mebibyte;
  if (!listings.includes(route.name) && size > most) return `${size} bytes answer ${json.length}`;
  return faultOfVerdicts(request, items, body as BatchAnswer, nowMs);
}

/** The items of a batch as the node reads them: it refuses what is nested deeply as a whole. */
export function itemsOf(json: string): readonly unknown[] {
  if (/\[{200}|(\{"a":){200}/.test(json)) return [];
  try {
    const body = JSON.parse(json.replace(/^\ufeff/, '')) as Readonly<Record<string, unknown>> | null;
    const list = body?.['instances'] ?? body?.['instance_keys'];
    return Array.isArray(list) ? (list as unknown[]) : [];
  } catch {
    return [];
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** By the routes whose answers tell which items were refused for being wrong. */
const opinions: Readonly<Record<string, (fields: Fields, nowMs: number) => Opinion>> = {
  register: aboutInstance,
  unregister: aboutKey,
  replicaRegister: (fields, nowMs) =>
    'replica' in fields ? aboutRecord(fields, nowMs) : aboutInstance(fields),
  replicaUnregister: (fields, nowMs) =>
    'version' in fields ? aboutRemoval(fields, nowMs) : aboutKey(fields),
};

/** What the documentation says of an item of this route; `undefined` where the answer does not tell. */
export function opinionOf(request: FuzzRequest, item: unknown, nowMs: number): Opinion | undefined {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined;
  const fields = item as Fields;
  return opinions[request.route?.name ?? '']?.(fields, nowMs);
}

/** As many items must be refused as are wrong. */
function faultOfVerdicts(
  request: FuzzRequest,
  items: readonly unknown[],
  { failed_instances: failed, failed_instance_keys: failedKeys }: BatchAnswer,
  nowMs: number,
): string | undefined {
  const found = items.map((item) => opinionOf(request, item, nowMs));
  if (found.includes(undefined)) return undefined;
  const refused = (failed ?? failedKeys ?? []).length;
  const wrong = found.filter((opinion) => opinion === 'wrong').length;
  const unsure = found.filter((opinion) => opinion === 'unsure').length;
  if (refused < wrong) return `${wrong} of ${items.length} items are wrong, and ${refused} were refused`;
  if (refused > wrong + unsure)
    return `${wrong} of ${items.length} items are wrong, and ${refused} were refused`;
  return undefined;
}
