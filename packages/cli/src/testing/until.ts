import { setTimeout } from 'node:timers/promises';
import type { Waiting } from './test-cluster.js';

const lookAgainMs = 2;

/** Resolves when the condition holds. Rejects with what is the case instead when it takes too long. */
export async function until(
  condition: () => boolean,
  { what, timeoutMs = 10_000 }: Waiting & { readonly what: () => string },
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`after ${timeoutMs} ms ${what()}`);
    await setTimeout(lookAgainMs);
  }
}
