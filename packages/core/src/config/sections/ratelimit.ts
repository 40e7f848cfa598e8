import { integer, toggle } from '../keys.js';
import type { ConfigSection } from './section.js';

export const ratelimit = {
  about: 'Requests per client address. Health, metrics and requests of peers are never limited.',
  keys: {
    enabled: toggle('enabled', true, 'Answer 429 to an address that sends too many requests.'),
    requestsPerSecond: integer(
      'requests_per_second',
      10_000,
      { min: 1, max: 10_000_000 },
      'Requests per second that an address may send in the long run.',
    ),
    burstSize: integer(
      'burst_size',
      5000,
      { min: 1, max: 10_000_000 },
      'Requests that an address may send at once after a pause.',
    ),
  },
} as const satisfies ConfigSection;
