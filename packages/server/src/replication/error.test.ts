import { TransportError } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import { classifyFailure, classifyResponse } from './error.js';

const answer = (status: number, body: unknown = undefined, headers: Record<string, string> = {}) =>
  classifyResponse({ status, headers, body });

describe('classifyResponse', () => {
  it('takes a 200 of this protocol as delivered', () => {
    const body = { response_status: { error_code: 'success' } };
    expect(answer(200, body)).toEqual({ kind: 'delivered', body });
  });

  it.each([['text'], [undefined], [null], [[]], [{}]])('tries a 200 that says %j again', (body) => {
    expect(answer(200, body)).toMatchObject({ kind: 'retry', unanswered: false });
  });

  it.each([429, 500, 501, 502, 503, 504, 599])('tries %i again', (status) => {
    expect(answer(status)).toMatchObject({ kind: 'retry', reason: `HTTP ${status}`, unanswered: false });
  });

  it.each([201, 204, 301, 302, 400, 401, 403, 404, 405, 413, 415, 422])('does not try %i again', (status) => {
    expect(answer(status)).toEqual({ kind: 'rejected', reason: `HTTP ${status}` });
  });

  it.each([
    ['2', 2000],
    ['0.5', 500],
    ['86400', 60_000],
  ])('honours Retry-After: %s', (header, afterMs) => {
    expect(answer(429, undefined, { 'retry-after': header })).toMatchObject({ kind: 'retry', afterMs });
  });

  it.each(['soon', '-1', '0', ''])('ignores Retry-After: %s', (header) => {
    expect(answer(503, undefined, { 'retry-after': header })).not.toHaveProperty('afterMs');
  });

  it('names what the peer said, cut short', () => {
    const message = 'x'.repeat(1000);
    const outcome = answer(400, { response_status: { error_code: 'bad-request', error_message: message } });
    expect(outcome).toEqual({ kind: 'rejected', reason: `HTTP 400: ${'x'.repeat(200)}` });
  });
});

describe('classifyFailure', () => {
  it.each(['timeout', 'refused', 'reset', 'unknown-host', 'unparsable', 'too-large', 'other'] as const)(
    'tries again after %s',
    (kind) => {
      expect(classifyFailure(new TransportError(kind, 'why'))).toEqual({
        kind: 'retry',
        reason: `${kind}: why`,
        unanswered: true,
      });
    },
  );

  it('names any other error', () => {
    expect(classifyFailure(new Error('odd'))).toMatchObject({ kind: 'retry', reason: 'other: odd' });
  });
});
