import type { Random } from '@artemis/core';

const firstMs = 100;
const longestMs = 10_000;

/**
 * Exponential back-off with full jitter: a random time up to a limit that doubles with each failure in a row.
 *
 * Source: Brooker, "Exponential Backoff And Jitter", 2015.
 *
 * @param failures failures in a row, from 1
 */
export function backoffMs(failures: number, random: Random): number {
  return random.next() * Math.min(longestMs, firstMs * 2 ** (failures - 1));
}
