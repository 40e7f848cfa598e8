import type { Change, PeerStatus } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import { NodeMetrics } from './metrics.js';

const peer: PeerStatus = {
  address: 'node2:8080',
  url: 'http://node2:8080',
  status: 'suspect',
  since: '2025-01-01T00:00:00.000Z',
  lag_ms: 1500,
  outbox_depth: 7,
  repair_pending: false,
};

function metricsOf(peers: () => readonly PeerStatus[] = () => [peer]): NodeMetrics {
  return new NodeMetrics({
    liveRecords: () => 3,
    tombstones: () => 2,
    services: () => 1,
    leases: {
      watched: () => 3,
      unconfirmed: () => 4,
      hidden: () => 5,
      heldBack: () => 6,
      lapsed: () => 7,
      preserved: () => 1,
    },
    revision: () => 9,
    loopLagMs: () => 20,
    clock: () => ({ offsetMs: -1500, reason: 'the clock is wrong' }),
    synced: () => true,
    gates: () => ({ clock: { open: true }, store: { open: false, reason: 'disk full' } }),
    peers,
  });
}

async function linesOf(metrics: NodeMetrics): Promise<string[]> {
  return (await metrics.render()).text.split('\n');
}

const sampleLine = /^[a-z_]+(?:\{(?:[a-z]+="[^"]*",?)*\})? (?:[-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|Inf)|NaN)$/;

describe('NodeMetrics', () => {
  it('renders the Prometheus text format, each metric with help and type', async () => {
    const metrics = metricsOf();
    metrics.observe({ method: 'GET', route: '/health', status: 200, seconds: 0.002 });
    expect((await metrics.render()).contentType).toContain('text/plain');
    const lines = (await linesOf(metrics)).filter((line) => line !== '');
    const odd = lines.filter((line) => !line.startsWith('# ') && !sampleLine.test(line));
    expect(odd).toEqual([]);
    const typed = lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ')[2]);
    const helped = lines.filter((line) => line.startsWith('# HELP ')).map((line) => line.split(' ')[2]);
    expect(typed).toEqual(helped);
    expect(typed.every((name) => name?.startsWith('artemis_'))).toBe(true);
  });

  it('reads the size of the registry and the state of peers when it is asked', async () => {
    let peers = [peer];
    const metrics = metricsOf(() => peers);
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'artemis_live_records 3',
        'artemis_tombstones 2',
        'artemis_revision 9',
        'artemis_event_loop_lag_seconds 0.02',
        'artemis_peer_outbox_depth{peer="node2:8080"} 7',
        'artemis_peer_lag_seconds{peer="node2:8080"} 1.5',
        'artemis_peer_state{peer="node2:8080",state="suspect"} 1',
        'artemis_peer_state{peer="node2:8080",state="alive"} 0',
      ]),
    );
    peers = [];
    expect((await linesOf(metrics)).filter((line) => line.includes('node2'))).toEqual([]);
  });

  it('counts requests by route and code, with their latency', async () => {
    const metrics = metricsOf();
    metrics.observe({ method: 'POST', route: '/api/registry/register', status: 200, seconds: 0.003 });
    metrics.observe({ method: 'POST', route: '/api/registry/register', status: 429, seconds: 0.0001 });
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'artemis_http_requests_total{method="POST",route="/api/registry/register",code="200"} 1',
        'artemis_http_requests_total{method="POST",route="/api/registry/register",code="429"} 1',
        'artemis_http_request_duration_seconds_bucket{le="0.005",method="POST",route="/api/registry/register"} 2',
        'artemis_http_request_duration_seconds_count{method="POST",route="/api/registry/register"} 2',
      ]),
    );
  });

  it('tells how leases stand, and what was done about them', async () => {
    const metrics = metricsOf();
    metrics.leases.preserved();
    metrics.leases.asked(30);
    metrics.leases.heldUp(1500);
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'artemis_leases 3',
        'artemis_unconfirmed_records 4',
        'artemis_hidden_records 5',
        'artemis_held_back_records 6',
        'artemis_lapsed_leases 7',
        'artemis_self_preservation 1',
        'artemis_self_preservation_total 1',
        'artemis_lease_questions_total 30',
        'artemis_held_up_seconds_total 1.5',
      ]),
    );
  });

  it('tells expiries by who said so, refutations and take-overs apart', async () => {
    const metrics = metricsOf();
    const changes: Pick<Change, 'reason' | 'origin'>[] = [
      { reason: 'expired', origin: 'local' },
      { reason: 'expired', origin: 'peer' },
      { reason: 'expired', origin: 'peer' },
      { reason: 'refuted', origin: 'local' },
      { reason: 'moved', origin: 'peer' },
      { reason: 'expired', origin: 'recovery' },
    ];
    for (const change of changes) metrics.onChange(change as Change);
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'artemis_expiries_total{reason="lease_ended"} 1',
        'artemis_expiries_total{reason="told_by_peer"} 2',
        'artemis_refutations_total 1',
        'artemis_take_overs_total 1',
        'artemis_changes_total{reason="expired",origin="peer"} 2',
        'artemis_changes_total{reason="expired",origin="recovery"} 1',
      ]),
    );
  });

  it('counts what goes to peers and comes from them', async () => {
    const metrics = metricsOf();
    metrics.replication('sent', 'node2:8080', 'heartbeat', 100);
    metrics.replication('failed', 'node2:8080', 'register', 1);
    metrics.replicationReceived('register', 5);
    metrics.replicationDelay(0.004);
    metrics.heartbeats(9, 1);
    metrics.clockRefused('record');
    metrics.clockJump();
    metrics.storeFailed();
    metrics.outboxOverflow('node2:8080');
    metrics.exchange('node2:8080', 'walked', { fetched: 4, given: 2 }, 0.3);
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'artemis_replication_requests_total{peer="node2:8080",kind="heartbeat",event="sent"} 1',
        'artemis_replication_items_total{peer="node2:8080",kind="heartbeat",event="sent"} 100',
        'artemis_replication_requests_total{peer="node2:8080",kind="register",event="failed"} 1',
        'artemis_replication_received_items_total{kind="register"} 5',
        'artemis_replication_delay_seconds_bucket{le="0.005"} 1',
        'artemis_heartbeats_total{result="renewed"} 9',
        'artemis_heartbeats_total{result="unknown"} 1',
        'artemis_clock_refusals_total{source="record"} 1',
        'artemis_clock_refusals_total{source="peer"} 0',
        'artemis_clock_jumps_total 1',
        'artemis_store_failures_total 1',
        'artemis_outbox_overflows_total{peer="node2:8080"} 1',
        'artemis_exchanges_total{peer="node2:8080",result="walked"} 1',
        'artemis_exchange_records_total{peer="node2:8080",direction="fetched"} 4',
        'artemis_exchange_records_total{peer="node2:8080",direction="given"} 2',
        'artemis_exchange_duration_seconds_bucket{le="0.5"} 1',
        'artemis_peer_digest_equal{peer="node2:8080"} -1',
        'artemis_synced 1',
        'artemis_gate_open{gate="clock"} 1',
        'artemis_gate_open{gate="store"} 0',
      ]),
    );
  });

  it('adds the metrics of the process only when asked', async () => {
    const metrics = metricsOf();
    expect((await metrics.render()).text).not.toContain('process_cpu');
    metrics.collectProcessMetrics();
    expect((await metrics.render()).text).toContain('process_cpu_user_seconds_total');
  });

  it('keeps the nodes of one process apart', async () => {
    const [first, second] = [metricsOf(), metricsOf()];
    first.clockJump();
    expect(await linesOf(second)).toContain('artemis_clock_jumps_total 0');
  });
});
