import { limits } from '../../models/limits.js';
import { seconds } from '../keys.js';
import type { ConfigSection } from './section.js';

const hourSecs = 3600;

export const lease = {
  about: 'How long an instance stays without a heartbeat.',
  keys: {
    ttlMs: seconds(
      'ttl_secs',
      30,
      { min: 1, max: limits.leaseTtlSecs },
      'Lease of an instance that asks for none itself, at most orphan_retention_secs. Clients should send three heartbeats within it.',
    ),
    cleanupIntervalMs: seconds(
      'cleanup_interval_secs',
      60,
      { min: 1, max: hourSecs },
      'Longest time between two sweeps of the whole table for removals to forget. Expiry does not wait for it.',
    ),
    orphanGraceMs: seconds(
      'orphan_grace_secs',
      600,
      { min: 0, max: 30 * 24 * hourSecs },
      'How long an instance stays listed, as unconfirmed, after the end of its lease while its owner cannot be heard; then it is hidden.',
    ),
    orphanRetentionMs: seconds(
      'orphan_retention_secs',
      1500,
      { min: 1, max: 30 * 24 * hourSecs },
      'How long after the end of its lease such an instance is kept at all; then any node may remove it.',
    ),
  },
} as const satisfies ConfigSection;
