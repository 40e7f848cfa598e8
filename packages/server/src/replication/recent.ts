import type { ChangeFeed, Clock } from '@artemis/core';

/** Changes that are looked at: under more of them within the time, the oldest count as settled too early. */
const most = 5000;

/**
 * Keys that changed here within the last `settleMs`: what peers may not have been told yet. A wall clock that was put
 * back makes none of them.
 */
export function recentKeys(
  changes: Pick<ChangeFeed, 'revision' | 'since'>,
  clock: Pick<Clock, 'wallMs'>,
  settleMs: number,
): ReadonlySet<string> {
  const now = clock.wallMs();
  const latest = changes.since(Math.max(0, changes.revision - most)) ?? [];
  const recent = latest.filter(({ wallMs }) => wallMs > now - settleMs && wallMs <= now);
  return new Set(recent.map(({ record }) => record.key));
}
