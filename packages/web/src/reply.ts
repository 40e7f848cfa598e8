import type { ErrorCode } from '@artemis/core';
import type { EncodedBody } from './encoded.js';

/** What a handler answers: plain data, so that it can be sent by Express or by anything else. */
export interface Reply {
  readonly status: number;
  /** Of the body; `undefined` when there is none. */
  readonly contentType: string | undefined;
  /** Besides those that every answer has. */
  readonly headers: Headers;
  readonly body: ReplyBody | undefined;
}

/** A whole text, bytes that are kept, or chunks that are made only as fast as the reader takes them. */
type ReplyBody = string | EncodedBody | AsyncIterable<Uint8Array>;

type Headers = Readonly<Record<string, string>>;

const none: Headers = {};
const jsonType = 'application/json; charset=utf-8';

export function json(value: unknown, status = 200, headers: Headers = none): Reply {
  return jsonBody(JSON.stringify(value), status, headers);
}

/** `body` is JSON already. */
export function jsonBody(body: ReplyBody, status = 200, headers: Headers = none): Reply {
  return { status, contentType: jsonType, headers, body };
}

const plainText = 'text/plain; charset=utf-8';

export function text(body: string, status = 200, headers: Headers = none, contentType = plainText): Reply {
  return { status, contentType, headers, body };
}

export function empty(status: number, headers: Headers = none): Reply {
  return { status, contentType: undefined, headers, body: undefined };
}

/** The body of every failure, with a status of its own or with 200. */
export function failure(code: ErrorCode, message: string, status = 200, headers: Headers = none): Reply {
  return json({ response_status: { error_code: code, error_message: message } }, status, headers);
}
