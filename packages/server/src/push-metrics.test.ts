import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { PushCounters } from './push-metrics.js';

function start() {
  const registry = new Registry();
  return { push: new PushCounters(registry), text: () => registry.metrics() };
}

describe('the metrics of push', () => {
  it('add up what all sources tell, which need not tell everything', async () => {
    const { push, text } = start();
    expect(await text()).toContain('artemis_push_sessions 0\n');
    push.source(() => ({ sessions: 2, waitingChanges: 7 }));
    push.source(() => ({ sessions: 3, heldRequests: 1 }));
    const page = await text();
    for (const line of [
      'push_sessions 5',
      'push_waiting_changes 7',
      'held_requests 1',
      'push_slow_sessions 0',
    ])
      expect(page).toContain(`artemis_${line}\n`);
  });

  it('count messages, changes, reloads and ends', async () => {
    const { push, text } = start();
    push.sent('service_change', 5000);
    push.received('ping');
    push.encoded(3);
    push.encoded(4);
    push.reloaded('all');
    push.ended('idle');
    const page = await text();
    for (const line of [
      'push_sent_messages_total{type="service_change"} 5000',
      'push_received_messages_total{type="ping"} 1',
      'push_encoded_messages_total 2',
      'push_encoded_changes_total 7',
      'push_reloads_total{watch="all"} 1',
      'push_reloads_total{watch="service"} 0',
      'push_sessions_ended_total{reason="idle"} 1',
      'push_sessions_ended_total{reason="broken"} 0',
    ])
      expect(page).toContain(`artemis_${line}\n`);
  });
});
