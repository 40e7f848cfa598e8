import { describe, expect, it } from '@jest/globals';
import { ArtemisError, errorTable, httpProblems } from './errors.js';
import { responseStatusSchema } from './models/api.js';

const problems = Object.keys(httpProblems) as (keyof typeof httpProblems)[];

describe('the error tables', () => {
  it('are the codes of the wire, each with a meaning', () => {
    expect(Object.keys(errorTable)).toEqual([
      'success',
      'bad-request',
      'partial_fail',
      'data-not-found',
      'rate-limited',
      'no-permission',
      'service-unavailable',
      'internal-error',
    ]);
    for (const { meaning } of Object.values(errorTable)) expect(meaning).toMatch(/^[A-Z].+\.$/);
  });

  it('are what a response status accepts, and nothing else', () => {
    for (const code of Object.keys(errorTable)) {
      expect(responseStatusSchema.safeParse({ error_code: code }).success).toBe(true);
    }
    expect(responseStatusSchema.safeParse({ error_code: 'oops' }).success).toBe(false);
  });

  it.each(problems)('%s has a status of a failure and a code of the table', (problem) => {
    const { status, code } = httpProblems[problem];
    expect(errorTable).toHaveProperty([code, 'meaning']);
    expect(code).not.toBe('success');
    expect(status).toBeGreaterThanOrEqual(400);
    // What a caller may try again unchanged is what HTTP says may pass, and the other way round.
    expect(errorTable[code].retryable).toBe(status === 429 || status >= 500);
  });

  it('give each problem a status of its own', () => {
    expect(new Set(problems.map((problem) => httpProblems[problem].status)).size).toBe(problems.length);
  });
});

describe('ArtemisError', () => {
  it('knows status and code of its problem', () => {
    const cause = new Error('disk full');
    const error = new ArtemisError('unavailable', 'writes are refused', { retryAfterSecs: 2, cause });
    expect([error.status, error.code, error.message]).toEqual([
      503,
      'service-unavailable',
      'writes are refused',
    ]);
    expect(error.details.retryAfterSecs).toBe(2);
    expect(error.cause).toBe(cause);
    expect(error).toBeInstanceOf(Error);
    expect(new ArtemisError('malformed', 'no JSON')).not.toHaveProperty('cause');
  });
});
