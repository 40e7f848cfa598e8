import type { PushGauges, PushMetrics, SessionEnd } from '@artemis/core';
import type { Registry } from 'prom-client';
import { Counter, Gauge } from 'prom-client';

const gauges: Readonly<Record<keyof PushGauges, readonly [name: string, help: string]>> = {
  sessions: ['push_sessions', 'Connections of push'],
  subscriptions: ['push_subscriptions', 'Services watched by name, over all connections'],
  watchersOfAll: ['push_watchers_of_all', 'Connections that watch all services'],
  slowSessions: ['push_slow_sessions', 'Connections that take less than they are sent'],
  waitingChanges: [
    'push_waiting_changes',
    'Changes that wait for slow connections, counted for each of them',
  ],
  heldRequests: ['held_requests', 'Requests held by wait until their service changes'],
};

/** What a node tells of its watchers. */
export class PushCounters implements PushMetrics {
  readonly #sources: (() => Partial<PushGauges>)[] = [];
  readonly #sent: Counter<'type'>;
  readonly #received: Counter<'type'>;
  readonly #encodedMessages: Counter;
  readonly #encodedChanges: Counter;
  readonly #reloads: Counter<'watch'>;
  readonly #ended: Counter<'reason'>;

  constructor(registry: Registry) {
    const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
      new Counter({ name: `artemis_${name}`, help, labelNames, registers: [registry] });
    this.#sent = counter('push_sent_messages_total', 'Messages sent to connections of push', ['type']);
    this.#received = counter('push_received_messages_total', 'Messages of clients over push', ['type']);
    this.#encodedMessages = counter(
      'push_encoded_messages_total',
      'Messages made of changes, each for all of its watchers at once',
      [],
    );
    this.#encodedChanges = counter('push_encoded_changes_total', 'Changes in these messages', []);
    this.#reloads = counter(
      'push_reloads_total',
      'Watchers that were too slow and got a snapshot in place of changes',
      ['watch'],
    );
    this.#ended = counter('push_sessions_ended_total', 'Connections of push that ended', ['reason']);
    for (const watch of ['service', 'all'] as const) this.#reloads.inc({ watch }, 0);
    for (const reason of ['closed', 'idle', 'draining', 'broken'] as const) this.#ended.inc({ reason }, 0);
    for (const [key, [name, help]] of Object.entries(gauges)) this.#gauge(registry, name, help, key);
  }

  source(read: () => Partial<PushGauges>): void {
    this.#sources.push(read);
  }

  sent(type: string, messages: number): void {
    this.#sent.inc({ type }, messages);
  }

  received(type: string): void {
    this.#received.inc({ type });
  }

  encoded(changes: number): void {
    this.#encodedMessages.inc();
    this.#encodedChanges.inc(changes);
  }

  reloaded(watch: 'service' | 'all'): void {
    this.#reloads.inc({ watch });
  }

  ended(reason: SessionEnd): void {
    this.#ended.inc({ reason });
  }

  #gauge(registry: Registry, name: string, help: string, key: string): void {
    const read = () =>
      this.#sources.reduce((sum, source) => sum + (source()[key as keyof PushGauges] ?? 0), 0);
    new Gauge({
      name: `artemis_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
}
