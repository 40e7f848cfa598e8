import { limits } from '../../models/limits.js';
import { bytes, integer, millis, seconds, toggle } from '../keys.js';
import type { ConfigSection } from './section.js';

const mebibyte = 1024 * 1024;
const hourSecs = 3600;
const hourMs = hourSecs * 1000;

export const replication = {
  about: 'How changes travel to the peers.',
  keys: {
    enabled: toggle(
      'enabled',
      true,
      'Send the changes made here to the peers. What peers send is accepted always.',
    ),
    timeoutMs: seconds(
      'timeout_secs',
      5,
      { min: 1, max: hourSecs },
      'How long a request to a peer may take.',
    ),
    batchSize: integer(
      'batch_size',
      100,
      { min: 1, max: limits.batchItems },
      'That many waiting renewals leave at once, without waiting for the interval, and that many changes without the pause of 2 ms after those before them.',
    ),
    batchIntervalMs: millis(
      'batch_interval_ms',
      100,
      { min: 0, max: 60_000 },
      'How long renewals are collected before they leave in one request; 0 sends each at once. Below a third of lease.ttl_secs.',
    ),
    maxRetries: integer(
      'max_retries',
      3,
      { min: 0, max: 100 },
      'How often in a row a failed request is repeated before the peer is left until it answers a probe.',
    ),
    outboxLimit: integer(
      'outbox_limit',
      100_000,
      { min: 1, max: 10_000_000 },
      'Changes that may wait for one peer. Beyond it they are dropped, and the exchange of digests finds what the peer lacks.',
    ),
    settleMs: millis(
      'settle_ms',
      1000,
      { min: 0, max: 60_000 },
      'A difference younger than this is left to the changes that are under way; only older ones are repaired.',
    ),
    antiEntropyIntervalMs: millis(
      'anti_entropy_interval_ms',
      5000,
      { min: 10, max: hourMs },
      'How often the digests of this node and a peer are compared, give or take a quarter.',
    ),
    bootstrapTimeoutMs: seconds(
      'bootstrap_timeout_secs',
      60,
      { min: 0, max: hourSecs },
      'How long a starting node tries to get the table from its peers before it serves with what it has.',
    ),
    compressMinBytes: bytes(
      'compress_min_bytes',
      16_384,
      { min: 0, max: 1024 * mebibyte },
      'Requests to peers above this size are sent with gzip.',
    ),
    maxConnectionsPerPeer: integer(
      'max_connections_per_peer',
      10,
      { min: 1, max: 1000 },
      'Connections that may be open to one peer.',
    ),
    tombstoneRetentionMs: seconds(
      'tombstone_retention_secs',
      hourSecs,
      { min: 1, max: 30 * 24 * hourSecs },
      'How long a removal is remembered, at least twice lease.orphan_retention_secs, so that no late message brings the instance back.',
    ),
    maxClockDriftMs: millis(
      'max_clock_drift_ms',
      60_000,
      { min: 1, max: hourMs },
      'How far the clock of a change may be ahead of the clock here before the change is refused.',
    ),
  },
} as const satisfies ConfigSection;
