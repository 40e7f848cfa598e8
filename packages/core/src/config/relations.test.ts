import { describe, expect, it } from '@jest/globals';
import type { ConfigInput } from './load.js';
import { loadConfig } from './load.js';

function load(input: Partial<ConfigInput>): string {
  try {
    loadConfig({ file: 'a.toml', hostName: 'host1', ...input });
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('relations between keys', () => {
  it('renewals are not held back for a third of a lease', () => {
    const message =
      'replication.batch_interval_ms (1000) must be below a third of lease.ttl_secs (3): ' +
      'three heartbeats must reach the owner within a lease';
    const together = '[replication]\nbatch_interval_ms = 1000\n[lease]\nttl_secs = 3';
    expect(load({ text: together })).toBe(`a.toml:2: [replication] batch_interval_ms: ${message}`);
    expect(load({ text: together.replace('1000', '999') })).toBe('accepted');
    expect(load({ text: '[lease]\nttl_secs = 1' })).toBe('accepted');
  });

  it('a probe ends before the next begins', () => {
    const message =
      'cluster.probe_timeout_ms (1000) must not be above cluster.health_check_interval_ms (999): ' +
      'a probe ends before the next begins';
    expect(load({ text: '[cluster]\nhealth_check_interval_ms = 999' })).toBe(
      `a.toml:2: [cluster] health_check_interval_ms: ${message}`,
    );
    expect(load({ text: '[cluster]\nhealth_check_interval_ms = 1000' })).toBe('accepted');
  });

  it('a removal is remembered for twice the retention of orphans', () => {
    expect(load({ env: { ARTEMIS_REPLICATION_TOMBSTONE_RETENTION_SECS: '2999' } })).toBe(
      'ARTEMIS_REPLICATION_TOMBSTONE_RETENTION_SECS: [replication] tombstone_retention_secs: ' +
        'replication.tombstone_retention_secs (2999) must be at least twice lease.orphan_retention_secs (1500): ' +
        'a removal forgotten earlier can come undone',
    );
    expect(load({ env: { ARTEMIS_REPLICATION_TOMBSTONE_RETENTION_SECS: '3000' } })).toBe('accepted');
  });

  it('an orphan is hidden before it is removed', () => {
    expect(load({ text: '[lease]\norphan_grace_secs = 1500' })).toContain(
      'lease.orphan_grace_secs (1500) must be below lease.orphan_retention_secs (1500)',
    );
    expect(load({ text: '[lease]\norphan_grace_secs = 1499' })).toBe('accepted');
  });

  it('no lease outlives the retention of orphans', () => {
    const text = '[lease]\nttl_secs = 60\norphan_grace_secs = 10\norphan_retention_secs = 59';
    expect(load({ text })).toContain(
      'lease.ttl_secs (60) must not be above lease.orphan_retention_secs (59)',
    );
    expect(load({ text: text.replace('59', '60') })).toBe('accepted');
  });

  it('a connection is pinged before it counts as dead', () => {
    const text = '[push]\nping_interval_secs = 16\nidle_timeout_secs = 31';
    expect(load({ text })).toContain(
      'push.ping_interval_secs (16) must be at most half of push.idle_timeout_secs (31)',
    );
    expect(load({ text: text.replace('31', '32') })).toBe('accepted');
  });

  it('a peer is listed once, however it is written', () => {
    expect(load({ text: '[cluster]\npeers = ["node2:80", "node3:80", "http://Node2/"]' })).toBe(
      'a.toml:2: [cluster] peers: cluster.peers lists http://node2:80 twice: list each node once',
    );
    expect(load({ text: '[cluster]\npeers = ["node2:80", "https://node2:80"]' })).toBe('accepted');
  });

  it('peers may stay listed while the cluster is off', () => {
    expect(load({ text: '[cluster]\nenabled = false\npeers = ["node2:80"]' })).toBe('accepted');
  });

  it('are looked at only between values that are good by themselves', () => {
    expect(load({ text: '[cluster]\nprobe_timeout_ms = 9000\nhealth_check_interval_ms = "often"' })).toBe(
      'a.toml:3: [cluster] health_check_interval_ms: is "often", expected an integer from 10 to 3600000 (milliseconds)',
    );
  });

  it('are blamed on the strongest source that is known to have set one of the keys', () => {
    const text = '[cluster]\nhealth_check_interval_ms = 500';
    expect(load({ text, flags: { 'cluster.probe_timeout_ms': 800 } })).toMatch(
      /^command line: \[cluster\] probe_timeout_ms: .*\(800\).*\(500\)/,
    );
  });
});
