import type { PeerResponse } from '@artemis/core';
import { TransportError } from '@artemis/core';

/** What became of one request to a peer. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly body: unknown }
  /** Worth trying again, after `afterMs` at the earliest when the peer said so. `unanswered`: not even with a refusal. */
  | {
      readonly kind: 'retry';
      readonly reason: string;
      readonly afterMs?: number;
      readonly unanswered: boolean;
    }
  /** The same request will never be taken. */
  | { readonly kind: 'rejected'; readonly reason: string };

/** Longest `Retry-After` that is honoured: a peer must not silence this node for hours. */
const longestRetryAfterMs = 60_000;

/**
 * Sorts answers by what to do about them: 429 and every 5xx are the peer's passing trouble, every other failure status
 * is this request's.
 */
export function classifyResponse({ status, headers, body }: PeerResponse): Outcome {
  if (status === 200) {
    if (typeof body === 'object' && body !== null && 'response_status' in body)
      return { kind: 'delivered', body };
    return { kind: 'retry', reason: 'the answer is not one of this protocol', unanswered: false };
  }
  const reason = `HTTP ${status}${detail(body)}`;
  if (status !== 429 && status < 500) return { kind: 'rejected', reason };
  const seconds = Number(headers['retry-after']);
  if (!(seconds > 0)) return { kind: 'retry', reason, unanswered: false };
  return { kind: 'retry', reason, afterMs: Math.min(seconds * 1000, longestRetryAfterMs), unanswered: false };
}

/** No answer at all is always worth another try. */
export function classifyFailure(error: unknown): Outcome {
  const kind = error instanceof TransportError ? error.kind : 'other';
  const reason = `${kind}: ${error instanceof Error ? error.message : String(error)}`;
  return { kind: 'retry', reason, unanswered: true };
}

function detail(body: unknown): string {
  const message = (body as { response_status?: { error_message?: unknown } } | undefined)?.response_status
    ?.error_message;
  return typeof message === 'string' ? `: ${message.slice(0, 200)}` : '';
}
