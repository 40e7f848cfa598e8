import { bytes, integer, seconds } from '../keys.js';
import type { ConfigSection } from './section.js';

export const push = {
  about: 'Watchers: the WebSocket /ws, and requests held by `wait`.',
  keys: {
    maxSessions: integer(
      'max_sessions',
      20_000,
      { min: 1, max: 1_000_000 },
      'WebSocket connections at a time, and requests held by `wait` at a time; more are answered 503.',
    ),
    maxSubscriptions: integer(
      'max_subscriptions',
      1000,
      { min: 1, max: 1_000_000 },
      'Services that one connection may watch by name.',
    ),
    maxFrameBytes: bytes(
      'max_frame_bytes',
      1_048_576,
      { min: 1024, max: 1_073_741_824 },
      'Largest message of a client; a larger one ends its connection.',
    ),
    queueLimit: integer(
      'queue_limit',
      1000,
      { min: 1, max: 1_000_000 },
      'Changes that may wait for a slow watcher of a service; over it they are left out and a snapshot follows.',
    ),
    pingIntervalMs: seconds(
      'ping_interval_secs',
      15,
      { min: 1, max: 3600 },
      'Seconds between two pings of a connection.',
    ),
    idleTimeoutMs: seconds(
      'idle_timeout_secs',
      60,
      { min: 2, max: 86_400 },
      'Seconds without a sign of life after which a connection is cut.',
    ),
  },
} as const satisfies ConfigSection;
