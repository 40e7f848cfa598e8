import { VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LeaseManager } from '../lease/manager.js';
import { alive, tableAt, tombstone } from '../registry/registry.fixture.js';
import { Batches } from './batches.js';
import type { OutboxItem } from './outbox.js';

let time: VirtualTime;
let table: ReturnType<typeof tableAt>;
let batches: Batches;

beforeEach(() => {
  time = new VirtualTime();
  table = tableAt();
  batches = new Batches({
    scheduler: time.scheduler,
    repository: table.repository,
    leases: { ageMs: () => time.nowMs } as unknown as LeaseManager,
    maxBytes: 1_000_000,
  });
  for (const id of ['a', 'b', 'c']) table.repository.apply(alive(id, 1), { origin: 'local' });
});

// Each peer has items of its own for the same keys.
const items = (...ids: string[]): OutboxItem[] => ids.map((id) => ({ key: alive(id, 1).key, sinceMs: 0 }));

describe('Batches', () => {
  it('makes one body for all peers that are sent the same in the same turn', () => {
    const first = batches.of('heartbeat', items('a', 'b'), 0);
    expect(batches.of('heartbeat', items('a', 'b'), 0)).toBe(first);
    expect([first.size, first.taken]).toEqual([2, 2]);
  });

  it('begins with that body when another peer is sent more', () => {
    const first = batches.of('register', items('a', 'b'), 0);
    expect(batches.of('register', items('c', 'a', 'b', 'c'), 1)).toBe(first);
  });

  it('makes another one for other keys, a part of them, another order or another kind', () => {
    const first = batches.of('heartbeat', items('a', 'b'), 0);
    for (const other of [items('a'), items('b', 'a'), items('a', 'c')]) {
      batches.of('heartbeat', items('a', 'b'), 0);
      expect(batches.of('heartbeat', other, 0).body).not.toBe(first.body);
    }
    expect(batches.of('register', items('a', 'b'), 0).body.toJSON()).toHaveProperty('instances');
  });

  it('reads anew in the next turn', async () => {
    const first = batches.of('heartbeat', items('a', 'b'), 0);
    await time.advance(1);
    table.repository.apply(tombstone('b', 2), { origin: 'local' });
    const next = batches.of('heartbeat', items('a', 'b'), 0);
    expect([first.size, next.size, next.taken]).toEqual([2, 1, 2]);
    expect(next.body.toJSON()).toMatchObject({ instance_keys: [{ instance_id: 'a', age_ms: 1 }] });
  });
});
