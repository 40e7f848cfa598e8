export interface NodeFailureDetails {
  /** How long the node asked to be left alone. */
  readonly retryAfterMs?: number;
  /** HTTP status of the answer, when there was one. */
  readonly status?: number;
  readonly cause?: unknown;
}

/** A node did not do what it was asked, and another one may. Never leaves the package. */
export class NodeFailure extends Error {
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;

  constructor(message: string, { retryAfterMs, status, cause }: NodeFailureDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'NodeFailure';
    this.retryAfterMs = retryAfterMs;
    this.status = status;
  }
}
