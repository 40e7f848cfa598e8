import { readFileSync } from 'node:fs';
import path from 'node:path';
import { anInstance } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { FakeWorld } from './fake-world.fixture.js';
import type { ClientCounter, ClientMetrics } from './options.js';

/** All that there are: the compiler asks for each. */
const none: Readonly<Record<ClientCounter, number>> = {
  connections: 0,
  connections_lost: 0,
  requests: 0,
  requests_failed: 0,
  registrations: 0,
  registrations_lost: 0,
  changes: 0,
  snapshots: 0,
  resumes: 0,
};

class Counts implements ClientMetrics {
  readonly counts = { ...none };
  readonly labels = new Set<string>();

  increment(name: ClientCounter, by: number, labels: Readonly<Record<string, string>> = {}): void {
    this.counts[name] += by;
    for (const [key, value] of Object.entries(labels)) this.labels.add(`${key}=${value}`);
  }

  /** What was counted since the last time. */
  taken(): Partial<Record<ClientCounter, number>> {
    const counted = Object.fromEntries(Object.entries(this.counts).filter(([, count]) => count > 0));
    Object.assign(this.counts, none);
    return counted;
  }
}

describe.each(['websocket', 'http'] as const)('the metrics of a client over %s', (transport) => {
  it('count what it goes through', async () => {
    const world = new FakeWorld(1);
    const node = world.node(1);
    const metrics = new Counts();
    const client = world.client({ transport, metrics, nodeRefreshIntervalMs: 0, requestTimeoutMs: 1000 });
    node.table.put(anInstance());
    const view = client.service('test-service');
    await world.time.finish(view.ready());
    expect(metrics.taken()).toMatchObject({ connections: 1, snapshots: 1, changes: 1 });

    const mine = anInstance({ service_id: 'mine' });
    await world.time.finish(client.register(mine));
    expect(metrics.taken()).toMatchObject({ registrations: 1, requests: expect.any(Number) });
    node.table.put(anInstance({ port: 9090 }));
    await world.time.advance(500);
    expect(metrics.taken()).toMatchObject({ changes: 1 });

    node.table.remove(mine);
    await world.time.advance(30_000);
    expect(metrics.taken()).toMatchObject({ registrations_lost: 1, registrations: 1 });

    node.mode = 'down';
    for (const { listener } of node.sessions) listener.closed({ code: 1006, reason: 'reset' });
    await expect(world.time.finish(client.services())).rejects.toMatchObject({ code: 'unavailable' });
    // A poll that is held is given up after its time.
    await world.time.advance(60_000);
    expect(metrics.taken()).toMatchObject({ connections_lost: 1, requests_failed: expect.any(Number) });
    node.mode = 'up';
    await world.time.advance(60_000);
    // Polls begin anew with an answer, which says what is; a socket goes on from where it stood.
    const goesOn = transport === 'websocket' ? { resumes: 1 } : { connections: 1 };
    expect(metrics.taken()).toMatchObject({ connections: 1, ...goesOn });
    expect([...metrics.labels]).toEqual(
      expect.arrayContaining(['node=http://node1', `transport=${transport}`]),
    );
    for (const label of metrics.labels)
      expect(label).toMatch(/^(node=http:\/\/node1|transport=(websocket|http))$/);
    await world.time.finish(client.close());
  });
});

it('docs/sdk.md names every counter', () => {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../../docs/sdk.md'), 'utf8');
  const [, listed = ''] = /is told of (.*)\.\n/.exec(text) ?? [];
  const named = [...listed.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  expect(named.sort()).toEqual(Object.keys(none).sort());
});
