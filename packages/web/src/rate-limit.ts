import { ArtemisError, type RateLimiter } from '@artemis/core';

/** Lets a request of this address through, or throws `rate-limited` with the seconds to wait, at least one. */
export function takeToken(limiter: RateLimiter, clientAddress: string): void {
  const { allowed, retryAfterMs } = limiter.take(clientAddress);
  if (allowed) return;
  const retryAfterSecs = Math.max(1, Math.ceil(retryAfterMs / 1000));
  throw new ArtemisError(
    'rate-limited',
    `too many requests from this address: try again in ${retryAfterSecs} s`,
    {
      retryAfterSecs,
    },
  );
}
