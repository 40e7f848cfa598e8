import type { Scheduler } from '@artemis/core';

/** Resolves in a later turn: between two slices of long work, everything else gets its turn. */
export function nextTurn(scheduler: Scheduler): Promise<void> {
  return new Promise((resolve) => {
    scheduler.soon(resolve);
  });
}
