import type { ErrorCode } from '@artemis/core';

/** What a handler answers: plain data, so that it can be sent by Express or by anything else. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Nothing, a whole text, or chunks that are made only as fast as the reader takes them. */
  readonly body: string | AsyncIterable<string> | undefined;
}

type Headers = Readonly<Record<string, string>>;

const jsonType = { 'Content-Type': 'application/json; charset=utf-8' };

export function json(value: unknown, status = 200, headers: Headers = {}): Reply {
  return jsonText(JSON.stringify(value), status, headers);
}

/** `body` is JSON already. */
export function jsonText(body: string | AsyncIterable<string>, status = 200, headers: Headers = {}): Reply {
  return { status, headers: { ...jsonType, ...headers }, body };
}

export function text(body: string, status = 200, headers: Headers = {}): Reply {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body };
}

export function empty(status: number, headers: Headers = {}): Reply {
  return { status, headers, body: undefined };
}

/** The body of every failure, with a status of its own or with 200. */
export function failure(code: ErrorCode, message: string, status = 200, headers: Headers = {}): Reply {
  return json({ response_status: { error_code: code, error_message: message } }, status, headers);
}
