import type { ErrorCode } from '@artemis/core';

/**
 * - `invalid`: the caller's mistake, found before anything was sent; the message names the field
 * - `refused`: a node said no, and would say so again; `errorCode` is its answer
 * - `unavailable`: no node answered in time
 * - `aborted`: the caller's signal ended it; `cause` is the reason of the signal
 * - `closed`: the client, registration or view was closed
 */
export type ClientErrorCode = 'invalid' | 'refused' | 'unavailable' | 'aborted' | 'closed';

export interface ClientErrorDetails {
  readonly errorCode?: ErrorCode;
  readonly cause?: unknown;
}

/** Every error that this package throws or reports on purpose. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;
  /** The `error_code` of a node's answer, when there was one. */
  readonly errorCode: ErrorCode | undefined;

  constructor(code: ClientErrorCode, message: string, { errorCode, cause }: ClientErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ClientError';
    this.code = code;
    this.errorCode = errorCode;
  }
}
