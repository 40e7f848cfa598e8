import { ClientError } from './client-error.js';

/** A promise that is settled from outside; settling it again does nothing. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever waits is told; when nobody does, nothing is amiss.
    this.promise.catch(() => undefined);
  }
}

export function abortedError(signal: AbortSignal): ClientError {
  return new ClientError('aborted', 'the signal of the caller ended it', { cause: signal.reason });
}

/** Settles as `promise` does, or rejects with `aborted` when the signal comes first. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  promise.catch(() => undefined);
  if (signal.aborted) throw abortedError(signal);
  const aborted = new Deferred<never>();
  const abort = (): void => aborted.reject(abortedError(signal));
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
