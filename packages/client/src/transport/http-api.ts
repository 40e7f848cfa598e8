import { failureSchema, readinessSchema, type ErrorCode } from '@artemis/core';
import type { ClientContext } from '../client-context.js';
import { ClientError } from '../client-error.js';
import { abortedError } from '../waiting.js';
import { NodeFailure } from './node-failure.js';

/** A schema as far as it is used here: zod's. */
interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error };
}

export interface ApiCall<T> {
  readonly method: 'GET' | 'POST';
  /** With query, from the slash on. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly schema: Schema<T>;
  /** Default: the request time-out of the client. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether it writes, so that it must be ordered after what was seen. */
  readonly isWrite?: boolean;
}

export interface ApiAnswer<T> {
  /** `undefined` when the answer is 304. */
  readonly body: T | undefined;
  readonly etag: string | undefined;
}

/** Codes of an answer that another node may answer otherwise. */
const elsewhere: ReadonlySet<ErrorCode> = new Set(['rate-limited', 'service-unavailable', 'internal-error']);

/** Throws when a node says that it cannot now, which is no answer to the question. */
export function requireServed(
  node: string,
  status: { error_code: ErrorCode; error_message?: string | undefined },
): void {
  if (elsewhere.has(status.error_code)) {
    throw new NodeFailure(
      `${node} answered ${status.error_code}: ${status.error_message ?? 'no reason given'}`,
    );
  }
}

/** Speaks HTTP with nodes. */
export class HttpApi {
  readonly #context: ClientContext;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** Rejects with `NodeFailure` when another node should be asked, with `ClientError` when that would not help. */
  async call<T>(node: string, call: ApiCall<T>): Promise<ApiAnswer<T>> {
    const { metrics } = this.#context;
    metrics.increment('requests', 1, { node, transport: 'http' });
    try {
      return await this.#call(node, call);
    } catch (error) {
      if (call.signal?.aborted === true) throw abortedError(call.signal);
      metrics.increment('requests_failed', 1, { node, transport: 'http' });
      if (error instanceof NodeFailure || error instanceof ClientError) throw error;
      throw new NodeFailure(`${node} cannot be reached: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Resolves when the node may be sent clients. */
  async ready(node: string, timeoutMs: number): Promise<void> {
    await this.call(node, { method: 'GET', path: '/health/ready', schema: readinessSchema, timeoutMs });
  }

  async #call<T>(node: string, call: ApiCall<T>): Promise<ApiAnswer<T>> {
    const { environment, requestTimeoutMs, seenClock } = this.#context;
    const { method, path, schema, signal, timeoutMs = requestTimeoutMs } = call;
    const limit = new AbortController();
    const end = (): void => limit.abort(signal?.reason);
    if (signal?.aborted === true) end();
    signal?.addEventListener('abort', end);
    let isLate = false;
    const cancel = environment.scheduler.after(timeoutMs, () => {
      isLate = true;
      limit.abort();
    });
    try {
      const response = await environment.fetch(node + path, {
        method,
        headers: this.#headers(call),
        signal: limit.signal,
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      });
      seenClock.observe(response.headers.get('x-artemis-clock'));
      const etag = response.headers.get('etag') ?? undefined;
      const text = await response.text();
      if (response.status === 304) return { body: undefined, etag };
      if (response.status !== 200)
        throw refusalOf(node, response.status, text, response.headers.get('retry-after'));
      return { body: parsed(node, text, schema), etag };
    } catch (error) {
      if (isLate)
        throw new NodeFailure(`${node} gave no complete answer in ${timeoutMs} ms`, { cause: error });
      throw error;
    } finally {
      cancel();
      signal?.removeEventListener('abort', end);
    }
  }

  #headers({ body, headers, isWrite }: ApiCall<unknown>): Record<string, string> {
    const clock = isWrite === true ? this.#context.seenClock.text : undefined;
    return {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(clock === undefined ? {} : { 'X-Artemis-Clock': clock }),
      ...headers,
    };
  }
}

function parsed<T>(node: string, text: string, schema: Schema<T>): T {
  const result = schema.safeParse(jsonOf(text));
  if (result.success) return result.data;
  throw new NodeFailure(`${node} gave an answer that is not understood`, { cause: result.error });
}

/** What cannot be parsed is `undefined`, which no schema takes. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusalOf(node: string, status: number, text: string, retryAfter: string | null): Error {
  const failure = failureSchema.safeParse(jsonOf(text));
  const said = failure.success ? failure.data.response_status : undefined;
  const message = `${node} answered with status ${status}${said?.error_message === undefined ? '' : `: ${said.error_message}`}`;
  const isFinal = status >= 400 && status < 500 && status !== 429 && status !== 408;
  if (isFinal && said !== undefined)
    return new ClientError('refused', message, { errorCode: said.error_code });
  const seconds = Number(retryAfter ?? undefined);
  return new NodeFailure(message, { status, ...(seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {}) });
}

/** `fetch` hides the reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}
