import type { NodeClock } from '@artemis/core';

/** Takes the stamp that a client carries. It is a plain decimal integer; anything else says nothing. */
export function observeClock(clock: NodeClock, text: unknown): void {
  if (typeof text !== 'string' || !/^\d{1,16}$/.test(text)) return;
  const stamp = Number(text);
  if (Number.isSafeInteger(stamp)) clock.observeClient(stamp);
}
