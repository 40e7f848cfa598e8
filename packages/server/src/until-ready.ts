import type { Cancel, Readiness, Scheduler } from '@artemis/core';

/** Short, for tests that start nodes by the dozen; a look costs next to nothing. */
const lookAgainMs = 5;

interface UntilReady {
  readonly scheduler: Scheduler;
  readonly readiness: () => Readiness;
  /** Why it will never be ready, `undefined` while it may. */
  readonly over: () => Error | undefined;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
}

/** Resolves once the node is ready. Rejects when it will never be, or when the signal says that it was long enough. */
export function untilReady({ scheduler, readiness, over, signal }: UntilReady): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancels: Cancel[] = [];
    const end = (error?: Error): void => {
      for (const cancel of cancels) cancel();
      if (error === undefined) resolve();
      else reject(error);
    };
    const look = (): boolean => {
      const error = over() ?? (signal?.aborted === true ? notReady(readiness(), signal.reason) : undefined);
      const isOver = error !== undefined || readiness().ready;
      if (isOver) end(error);
      return isOver;
    };
    if (look()) return;
    cancels.push(scheduler.every(lookAgainMs, look));
    signal?.addEventListener('abort', look);
    cancels.push(() => signal?.removeEventListener('abort', look));
  });
}

function notReady({ gates }: Readiness, cause: unknown): Error {
  const closed = Object.entries(gates).flatMap(([gate, { open, reason }]) =>
    open ? [] : [`${gate}: ${reason ?? 'closed'}`],
  );
  const why = closed.length === 0 ? 'it has not been started' : closed.join('; ');
  return new Error(`the node is not ready: ${why}`, { cause });
}
