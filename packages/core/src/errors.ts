/**
 * The closed tables of what can go wrong on the wire. A code or a problem that is not here does not compile.
 */

interface ErrorEntry {
  /** Whether the same request can succeed later without being changed. */
  readonly retryable: boolean;
  readonly meaning: string;
}

/** Every `error_code` that a `response_status` can carry. */
export const errorTable = {
  success: { retryable: false, meaning: 'Everything that was asked for was done.' },
  'bad-request': {
    retryable: false,
    meaning: 'The request, or an item of it, is wrong; the message names what.',
  },
  partial_fail: {
    retryable: false,
    meaning: 'Some items were accepted and others refused; the refused ones are listed.',
  },
  'data-not-found': { retryable: false, meaning: 'What was asked for does not exist here.' },
  'rate-limited': {
    retryable: true,
    meaning: 'Too many requests from this address; wait as Retry-After says.',
  },
  'no-permission': { retryable: false, meaning: 'The caller did not prove that it may do this.' },
  'service-unavailable': {
    retryable: true,
    meaning: 'This node cannot serve the request now; try another node.',
  },
  'internal-error': { retryable: true, meaning: 'A fault of the node itself; its log holds the request id.' },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;

interface ProblemEntry {
  readonly status: number;
  readonly code: ErrorCode;
}

/** Failures outside the business rules: they are answered with an HTTP status of their own. */
export const httpProblems = {
  malformed: { status: 400, code: 'bad-request' },
  unauthorized: { status: 401, code: 'no-permission' },
  forbidden: { status: 403, code: 'no-permission' },
  'unknown-path': { status: 404, code: 'data-not-found' },
  'wrong-method': { status: 405, code: 'bad-request' },
  'too-slow': { status: 408, code: 'bad-request' },
  'too-large': { status: 413, code: 'bad-request' },
  'wrong-media-type': { status: 415, code: 'bad-request' },
  'wrong-envelope': { status: 422, code: 'bad-request' },
  'rate-limited': { status: 429, code: 'rate-limited' },
  'headers-too-large': { status: 431, code: 'bad-request' },
  internal: { status: 500, code: 'internal-error' },
  unavailable: { status: 503, code: 'service-unavailable' },
} as const satisfies Record<string, ProblemEntry>;

export type HttpProblem = keyof typeof httpProblems;

/** Extra answer headers that belong to a problem. */
export interface ProblemDetails {
  /** Seconds after which the caller may try again (`Retry-After`). */
  readonly retryAfterSecs?: number;
  /** Methods that the path does serve (`Allow`). */
  readonly allow?: readonly string[];
  readonly cause?: unknown;
}

/** An error that is answered to the caller as it stands; every other error becomes `internal-error`. */
export class ArtemisError extends Error {
  readonly problem: HttpProblem;
  readonly details: ProblemDetails;

  constructor(problem: HttpProblem, message: string, details: ProblemDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ArtemisError';
    this.problem = problem;
    this.details = details;
  }

  /** HTTP status of the answer. */
  get status(): number {
    return httpProblems[this.problem].status;
  }

  /** `error_code` of the answer. */
  get code(): ErrorCode {
    return httpProblems[this.problem].code;
  }
}
