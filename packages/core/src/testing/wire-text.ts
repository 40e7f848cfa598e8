import type { PeerResponse } from '../traits/runtime.js';

/** An answer as bytes would carry it: for endpoints that answer with something else than proper JSON. */
export interface TextAnswer {
  readonly status: number;
  /** Without a `content-type` the text is taken for JSON. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const utf8 = new TextEncoder();

/** Length of a text on the wire. */
export function bytesOf(text: string): number {
  return utf8.encode(text).length;
}

/** What an answer that is made in pieces says. A piece is overwritten by the next one. */
export function parsePieces(pieces: Iterable<Uint8Array>): unknown {
  const decoder = new TextDecoder();
  let text = '';
  for (const piece of pieces) text += decoder.decode(piece, { stream: true });
  return JSON.parse(text);
}

/** Empty when there is nothing to say. */
export function jsonText(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value);
}

export function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Puts an answer into words: JSON, unless its `content-type` says otherwise and its body is a text. */
export function encodeAnswer(answer: PeerResponse | TextAnswer): TextAnswer {
  const headers = lowerCaseNames(answer.headers);
  if ('text' in answer) return { ...answer, headers };
  const { status, body } = answer;
  if (body === undefined) return { status, headers, text: '' };
  if (typeof body === 'string' && !isJson(headers['content-type'])) return { status, headers, text: body };
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    text: jsonText(body),
  };
}

/** Throws when a successful answer should be JSON and is not. */
export function decodeAnswer({ status, headers, text }: TextAnswer): PeerResponse {
  if (text === '') return { status, headers, body: undefined };
  if (!isJson(headers['content-type'])) return { status, headers, body: text };
  try {
    return { status, headers, body: JSON.parse(text) as unknown };
  } catch (error) {
    // A status that is no success says enough by itself.
    if (status < 200 || status > 299) return { status, headers, body: text };
    throw error;
  }
}

function isJson(contentType: string | undefined): boolean {
  return contentType === undefined || /^application\/(?:.+\+)?json\b/i.test(contentType);
}
