import { seconds, toggle } from '../keys.js';
import type { ConfigSection } from './section.js';

const hourSecs = 3600;

export const cache = {
  about: 'Prepared answers of discovery.',
  keys: {
    enabled: toggle('enabled', true, 'Keep the answer for a service until the service changes.'),
    expiryMs: seconds(
      'expiry_secs',
      300,
      { min: 1, max: 24 * hourSecs },
      'An answer unused for so long is dropped.',
    ),
  },
} as const satisfies ConfigSection;
