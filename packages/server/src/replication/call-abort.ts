import type { TransportError } from '@artemis/core';
import type { GenericAbortSignal } from 'axios';

/**
 * Ends one call before it has been answered. In place of an `AbortController`: Node.js gives the prototype of each
 * signal to an object that was made with another one, and V8 describes each such object anew, in memory that only a
 * collection of the whole heap frees.
 */
export class CallAbort implements GenericAbortSignal {
  #reason: TransportError | undefined;
  #listener: (() => void) | undefined;

  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  /** Why, `undefined` while it has not been aborted. */
  get reason(): TransportError | undefined {
    return this.#reason;
  }

  /** The first reason counts. */
  abort(reason: TransportError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#listener?.();
  }

  /** Of one listener, which is what axios adds for each call. */
  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listener = listener;
  }

  removeEventListener(): void {
    this.#listener = undefined;
  }
}
