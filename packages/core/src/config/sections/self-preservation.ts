import { fraction, integer, seconds, toggle } from '../keys.js';
import type { ConfigSection } from './section.js';

const hourSecs = 3600;

export const selfPreservation = {
  name: 'lease.self_preservation',
  about:
    'Expiry pauses when so many leases of a service, or of all, end at once that the network is the likelier cause.',
  keys: {
    enabled: toggle('enabled', true, 'Pause expiry when too many leases end within the window.'),
    threshold: fraction(
      'threshold',
      0.85,
      'Part of the leases owned here that must live on within the window, or else expiry pauses.',
    ),
    windowMs: seconds(
      'window_secs',
      60,
      { min: 1, max: hourSecs },
      'The time over which leases that end are counted.',
    ),
    minInstances: integer(
      'min_instances',
      10,
      { min: 1, max: 1_000_000 },
      'Services with fewer instances owned here are not held back.',
    ),
    maxDurationMs: seconds(
      'max_duration_secs',
      600,
      { min: 1, max: 24 * hourSecs },
      'After so long expiry goes on whatever happens.',
    ),
  },
} as const satisfies ConfigSection;
