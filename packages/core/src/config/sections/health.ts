import { millis } from '../keys.js';
import type { ConfigSection } from './section.js';

const hourSecs = 3600;
const hourMs = hourSecs * 1000;

export const health = {
  about: 'When the node calls itself unhealthy.',
  keys: {
    maxLoopLagMs: millis(
      'max_loop_lag_ms',
      5000,
      { min: 10, max: hourMs },
      '/health answers 503 while the process is held up for longer than this.',
    ),
  },
} as const satisfies ConfigSection;
