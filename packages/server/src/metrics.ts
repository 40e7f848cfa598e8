import type { Change, PeerStatus, Readiness, RequestMetrics } from '@artemis/core';
import { peerStateSchema } from '@artemis/core';
import type { LeaseSources } from './lease/lease-metrics.js';
import { LeaseMetrics } from './lease/lease-metrics.js';
import { PushCounters } from './push-metrics.js';
import { RequestSeries } from './request-series.js';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Read when somebody scrapes. */
export interface MetricSources {
  readonly liveRecords: () => number;
  readonly tombstones: () => number;
  readonly services: () => number;
  readonly leases: LeaseSources;
  readonly revision: () => number;
  readonly loopLagMs: () => number;
  readonly clock: () => { readonly offsetMs: number; readonly reason: string | undefined };
  readonly synced: () => boolean;
  readonly gates: () => Readiness['gates'];
  readonly peers: () => readonly PeerStatus[];
}

type ExchangeResult = 'equal' | 'walked' | 'offered' | 'failed';
type Moved = Readonly<Record<'fetched' | 'given', number>>;
type ReplicationKind = 'register' | 'heartbeat' | 'unregister';

const exchangeBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const delayBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** A node's metrics, in a registry of its own: several nodes can live in one process. */
export class NodeMetrics implements RequestMetrics {
  readonly #registry = new Registry();
  readonly #requests = new RequestSeries(this.#registry);
  readonly #changes = this.#counter('changes_total', 'Changes of the table', ['reason', 'origin']);
  readonly #expiries = this.#counter('expiries_total', 'Leases that ended, by who said so', ['reason']);
  readonly #refutations = this.#counter(
    'refutations_total',
    'Expiries undone because a client was alive',
    [],
  );
  readonly #takeOvers = this.#counter('take_overs_total', 'Records whose owner changed', []);
  /** Counted here, and told when somebody scrapes: it is as often as anything happens to a node. */
  readonly #heartbeats = { renewed: 0, unknown: 0 };
  readonly #sentRequests = this.#counter('replication_requests_total', 'Requests to peers', [
    'peer',
    'kind',
    'event',
  ]);
  readonly #sentItems = this.#counter('replication_items_total', 'Items in requests to peers', [
    'peer',
    'kind',
    'event',
  ]);
  readonly #received = this.#counter('replication_received_items_total', 'Items in requests of peers', [
    'kind',
  ]);
  readonly #delay = this.#histogram(
    'replication_delay_seconds',
    'Time from the stamp of a change to its arrival from a peer, by the clocks of both nodes',
    delayBuckets,
    [],
  );
  readonly #clockRefusals = this.#counter('clock_refusals_total', 'Stamps of peers too far in the future', [
    'source',
  ]);
  readonly #clockJumps = this.#counter('clock_jumps_total', 'Jumps of the wall clock, which are ignored', []);
  readonly #storeFailures = this.#counter('store_failures_total', 'Commits to the store that failed', []);
  readonly #overflows = this.#counter(
    'outbox_overflows_total',
    'Outboxes that were emptied over their limit',
    ['peer'],
  );
  readonly #exchanges = this.#counter('exchanges_total', 'Comparisons with peers, by how they ended', [
    'peer',
    'result',
  ]);
  readonly #exchanged = this.#counter(
    'exchange_records_total',
    'Records that exchanges with peers moved: fetched from the peer, or given to it',
    ['peer', 'direction'],
  );
  readonly #exchangeTime = this.#histogram(
    'exchange_duration_seconds',
    'Time that a comparison with a peer took, the wait for what is under way included',
    exchangeBuckets,
    [],
  );

  readonly leases: LeaseMetrics;
  readonly push: PushCounters;

  constructor(sources: MetricSources) {
    this.leases = new LeaseMetrics(this.#registry, sources.leases);
    this.push = new PushCounters(this.#registry);
    for (const source of ['peer', 'record']) this.#clockRefusals.inc({ source }, 0);
    this.#heartbeatCounter();
    for (const reason of ['lease_ended', 'told_by_peer']) this.#expiries.inc({ reason }, 0);
    this.#gauge('live_records', 'Instances in the table', sources.liveRecords);
    this.#gauge('tombstones', 'Removed keys that are remembered', sources.tombstones);
    this.#gauge('services', 'Services in the table, with tombstones only too', sources.services);
    this.#gauge('revision', 'Latest revision of the change log of this run', sources.revision);
    this.#gauge('event_loop_lag_seconds', 'How late the latest timer came', () => sources.loopLagMs() / 1000);
    this.#clockGauges(sources.clock);
    this.#gauge('synced', 'Whether this node has caught up since its start', () => Number(sources.synced()));
    this.#gateGauge(sources.gates);
    this.#peerGauges(sources.peers);
  }

  /** Adds the metrics of the process, for a node that has one to itself. */
  collectProcessMetrics(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  observe(request: Parameters<RequestMetrics['observe']>[0]): void {
    this.#requests.observe(request);
  }

  async render(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  /** Listener of the change log. */
  onChange({ reason, origin }: Change): void {
    this.#changes.inc({ reason, origin });
    // What is read back from the store happened in an earlier run.
    if (origin === 'recovery') return;
    if (reason === 'expired')
      this.#expiries.inc({ reason: origin === 'local' ? 'lease_ended' : 'told_by_peer' });
    else if (reason === 'refuted') this.#refutations.inc();
    else if (reason === 'moved') this.#takeOvers.inc();
  }

  heartbeats(renewed: number, unknown: number): void {
    this.#heartbeats.renewed += renewed;
    this.#heartbeats.unknown += unknown;
  }

  replication(
    event: 'sent' | 'failed' | 'retried' | 'rejected',
    peer: string,
    kind: ReplicationKind,
    items: number,
  ): void {
    this.#sentRequests.inc({ peer, kind, event });
    this.#sentItems.inc({ peer, kind, event }, items);
  }

  replicationReceived(kind: ReplicationKind, items: number): void {
    this.#received.inc({ kind }, items);
  }

  replicationDelay(seconds: number): void {
    this.#delay.observe(seconds);
  }

  /** @param source `peer`: a header of a request or answer; `record`: the version of a record */
  clockRefused(source: 'peer' | 'record'): void {
    this.#clockRefusals.inc({ source });
  }

  clockJump(): void {
    this.#clockJumps.inc();
  }

  storeFailed(): void {
    this.#storeFailures.inc();
  }

  outboxOverflow(peer: string): void {
    this.#overflows.inc({ peer });
  }

  exchange(peer: string, result: ExchangeResult, moved: Moved, seconds: number): void {
    this.#exchanges.inc({ peer, result });
    this.#exchanged.inc({ peer, direction: 'fetched' }, moved.fetched);
    this.#exchanged.inc({ peer, direction: 'given' }, moved.given);
    this.#exchangeTime.observe(seconds);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name: `artemis_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #heartbeatCounter(): void {
    const counts = this.#heartbeats;
    new Counter({
      name: 'artemis_heartbeats_total',
      help: 'Keys in heartbeats of clients',
      labelNames: ['result'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [result, count] of Object.entries(counts)) this.inc({ result }, count);
      },
    });
  }

  #histogram<Label extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly Label[],
  ): Histogram<Label> {
    return new Histogram({ name: `artemis_${name}`, help, buckets, labelNames, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `artemis_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }

  #clockGauges(clock: MetricSources['clock']): void {
    const help = 'How far the wall clock is ahead of those of the peers, by their median';
    this.#gauge('clock_offset_seconds', help, () => clock().offsetMs / 1000);
    this.#gauge('clock_wrong', '1 while no writes are taken because the wall clock is wrong', () =>
      Number(clock().reason !== undefined),
    );
  }

  #gateGauge(gates: MetricSources['gates']): void {
    new Gauge({
      name: 'artemis_gate_open',
      help: 'Whether a gate of readiness is open; the node is ready when all are',
      labelNames: ['gate'],
      registers: [this.#registry],
      collect() {
        for (const [gate, { open }] of Object.entries(gates())) this.set({ gate }, Number(open));
      },
    });
  }

  #peerGauges(peers: MetricSources['peers']): void {
    const perPeer = (name: string, help: string, read: (peer: PeerStatus) => number): void => {
      new Gauge({
        name: `artemis_${name}`,
        help,
        labelNames: ['peer'],
        registers: [this.#registry],
        collect() {
          this.reset();
          for (const peer of peers()) this.set({ peer: peer.address }, read(peer));
        },
      });
    };
    perPeer('peer_outbox_depth', 'Keys that wait for the peer', ({ outbox_depth: depth }) => depth);
    perPeer(
      'peer_lag_seconds',
      'How long the oldest change has waited for the peer',
      ({ lag_ms: ms }) => ms / 1000,
    );
    perPeer('peer_duplicate', '1 while another running node has the node id of the peer', ({ duplicate }) =>
      Number(duplicate === true),
    );
    perPeer(
      'peer_digest_equal',
      'Whether the peer held the same live records when its digest was last seen; -1 before that',
      ({ digest_equal: equal }) => (equal === undefined ? -1 : Number(equal)),
    );
    new Gauge({
      name: 'artemis_peer_state',
      help: '1 for the state that the peer is in',
      labelNames: ['peer', 'state'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const { address, status } of peers()) {
          for (const state of peerStateSchema.options)
            this.set({ peer: address, state }, Number(status === state));
        }
      },
    });
  }
}
