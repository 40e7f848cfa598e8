import type { AgedRecord, RecordsRequest, RegistryRecord, Scheduler } from '@artemis/core';
import { parsePieces, VirtualTime } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { Peer } from '../cluster/peer.js';
import { alive } from '../registry/registry.fixture.js';
import { tableOf } from './digest.fixture.js';
import { Exchange } from './exchange.js';
import { ExchangeServer } from './exchange-server.js';
import type { RecordIntake } from './intake.js';
import type { PeerQueries } from './peer-queries.js';
import { Slots } from './slots.js';

const tableWith = (prefix: string, count: number) =>
  tableOf(Array.from({ length: count }, (_, id) => alive(`${prefix}${id}`, 1)));

/** An exchange of this node with a peer, which counts in how many turns it is done. */
function exchangeOf(ours: ReturnType<typeof tableWith>, theirs: ReturnType<typeof tableWith>) {
  const time = new VirtualTime();
  const server = new ExchangeServer({ ...theirs, leases: { ageMs: () => 0 } });
  const target = { address: 'node2:1', url: 'http://node2:1' };
  const seen = { turns: 0, given: 0, taken: [] as RegistryRecord[] };
  const exchange = new Exchange({
    ...ours,
    peer: new Peer(target, 'configured', 1000, { monotonicMs: 0, wallMs: 0 }),
    queries: {
      digest: (_peer: Peer, request: Parameters<PeerQueries['digest']>[1]) =>
        Promise.resolve(server.digest(request)),
      records: (_peer: Peer, request: RecordsRequest) =>
        Promise.resolve(parsePieces(server.records(request))),
    } as unknown as PeerQueries,
    clock: time.clock,
    scheduler: {
      soon: (task: () => void) => {
        seen.turns += 1;
        return time.scheduler.soon(task);
      },
    } as Scheduler,
    slots: new Slots(1),
    intake: {
      accept: ({ record }: AgedRecord) => {
        seen.taken.push(record);
        return { kind: 'done' };
      },
    } as unknown as RecordIntake,
    maxBytes: 1_000_000,
    give: (keys) => {
      seen.given += keys.length;
      return Promise.resolve(true);
    },
    underWay: () => new Set(),
  });
  return { time, exchange, seen };
}

describe('an exchange', () => {
  it.each([
    ['what the peer holds', 0, 4000],
    ['what this node holds', 4000, 0],
  ])('is done in many turns, however little of %s is in each leaf', async (_, own, others) => {
    const { time, exchange, seen } = exchangeOf(tableWith('a', own), tableWith('b', others));
    const { differ } = await time.finish(exchange.summary());
    await time.finish(exchange.walk(differ));
    expect(seen.taken).toHaveLength(others);
    expect(seen.given).toBe(own);
    expect(seen.turns).toBeGreaterThan(60);
  });
});
