import v8 from 'node:v8';
import vm from 'node:vm';
import type {
  AgedRecord,
  DigestRequest,
  RecordsEnvelope,
  RecordsRequest,
  RegistryRecord,
  Scheduler,
} from '@artemis/core';
import { delay } from '@artemis/core';
import { parsePieces, VirtualTime } from '@artemis/core/testing';
import { describe, expect, it } from '@jest/globals';
import { Peer } from '../cluster/peer.js';
import { alive } from '../registry/registry.fixture.js';
import { TableDigest } from './digest.js';
import { tableOf } from './digest.fixture.js';
import { Exchange } from './exchange.js';
import { ExchangeServer } from './exchange-server.js';
import type { RecordIntake } from './intake.js';
import type { PeerQueries } from './peer-queries.js';
import { Slots } from './slots.js';

const tableWith = (prefix: string, count: number) =>
  tableOf(Array.from({ length: count }, (_, id) => alive(`${prefix}${id}`, 1)));

/** An exchange of this node with a peer, which takes so long to answer; counts in how many turns it is done. */
function exchangeOf(ours: ReturnType<typeof tableWith>, theirs: ReturnType<typeof tableWith>, answerMs = 0) {
  const time = new VirtualTime();
  const server = new ExchangeServer({ ...theirs, leases: { ageMs: () => 0 } });
  const target = { address: 'node2:1', url: 'http://node2:1' };
  const seen = {
    turns: 0,
    given: 0,
    gifts: [] as number[],
    compared: 0,
    taken: [] as RegistryRecord[],
    parents: [] as string[],
    fetches: [] as number[],
    rests: 0,
    answers: [] as WeakRef<object>[],
  };
  const answered = async <Answer extends object>(answer: Answer): Promise<Answer> => {
    if (answerMs > 0) await delay(time.scheduler, answerMs);
    seen.answers.push(new WeakRef(answer));
    return answer;
  };
  const exchange = new Exchange({
    ...ours,
    peer: new Peer(target, 'configured', 1000, { monotonicMs: 0, wallMs: 0 }),
    queries: {
      digest: async (_peer: Peer, request: DigestRequest) => {
        const parents = request.path.filter((path) => path.length === TableDigest.parentDigits);
        seen.parents.push(...parents);
        if (parents.length > 0) seen.compared += 1;
        return answered(server.digest(request));
      },
      records: async (_peer: Peer, request: RecordsRequest) => {
        seen.fetches.push(request.keys?.length ?? 0);
        return answered(parsePieces(server.records(request)) as RecordsEnvelope);
      },
    } as unknown as PeerQueries,
    clock: time.clock,
    scheduler: {
      soon: (task: () => void) => {
        seen.turns += 1;
        return time.scheduler.soon(task);
      },
      after: (delayMs: number, task: () => void) => {
        seen.rests += 1;
        return time.scheduler.after(delayMs, task);
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
      seen.gifts.push(keys.length);
      return Promise.resolve(true);
    },
    underWay: () => new Set(),
  });
  return { time, exchange, seen };
}

/** Tables of so many records each that have nothing in common, and what it took to exchange them. */
async function exchanged(own: number, others: number, answerMs = 0) {
  const { time, exchange, seen } = exchangeOf(tableWith('a', own), tableWith('b', others), answerMs);
  const { differ } = await time.finish(exchange.summary());
  await time.finish(exchange.walk(differ));
  return { time, seen };
}

describe('an exchange', () => {
  it.each([
    ['what the peer holds', 0, 4000],
    ['what this node holds', 4000, 0],
  ])('is done in many turns, however little of %s is in each leaf', async (_, own, others) => {
    const { seen } = await exchanged(own, others);
    expect(seen.taken).toHaveLength(others);
    expect(seen.given).toBe(own);
    expect(seen.turns).toBeGreaterThan(60);
  });

  it('asks for about as much at once as the peer answers, and for records by the hundred in the end', async () => {
    const { seen } = await exchanged(0, 4000);
    const differing = new Set(seen.parents).size;
    expect(differing).toBeGreaterThan(2000);
    expect(seen.parents.length).toBeLessThan(1.3 * differing);
    expect(Math.max(...seen.fetches)).toBeGreaterThan(100);
    expect(Math.max(...seen.fetches)).toBeLessThanOrEqual(150);
    expect(seen.fetches.length).toBeLessThan(2 * (2000 / 50 + 2000 / 100));
  });

  it('moves little at once and rests after each step, so that clients notice nothing', async () => {
    const { time, seen } = await exchanged(0, 1000);
    expect(seen.taken).toHaveLength(1000);
    expect(Math.max(...seen.fetches)).toBeLessThanOrEqual(100);
    // None for a few that were left over.
    expect(Math.max(...seen.fetches)).toBeLessThan(2 * Math.min(...seen.fetches));
    expect(Math.min(...seen.fetches.slice(0, -1))).toBeGreaterThanOrEqual(40);
    expect(seen.rests).toBe(seen.compared + seen.fetches.length);
    // What has just been parsed is taken in later.
    expect(seen.turns).toBeGreaterThanOrEqual(seen.fetches.length);
    expect(time.nowMs).toBeGreaterThan(500);
    expect(time.nowMs).toBeLessThan(2000);
  });

  it('rests after what it gives, too, and gives nothing where nothing is lacking', async () => {
    const { seen } = await exchanged(1000, 0);
    expect(seen.given).toBe(1000);
    expect(Math.min(...seen.gifts)).toBeGreaterThan(0);
    expect(seen.rests).toBe(seen.compared + seen.gifts.length);
  });

  it('holds no answer while it rests: each collection of garbage would copy it', async () => {
    v8.setFlagsFromString('--expose-gc');
    const collect = vm.runInNewContext('gc') as () => void;
    const { time, exchange, seen } = exchangeOf(tableWith('a', 0), tableWith('b', 1000));
    const { differ } = await time.finish(exchange.summary());
    const walk = exchange.walk(differ);
    const held: number[] = [];
    let rests = 0;
    while (seen.fetches.length < 3) {
      await time.runUntil(() => seen.rests > rests, 60_000, 'the next rest');
      rests = seen.rests;
      collect();
      held.push(seen.answers.filter((answer) => answer.deref() !== undefined).length);
    }
    await time.finish(walk);
    expect(Math.max(...held)).toBe(0);
  });

  it('rests no more once it has lasted for more than a second', async () => {
    const { time, seen } = await exchanged(0, 1000, 100);
    expect(time.nowMs).toBeGreaterThan(2000);
    expect(seen.rests).toBeGreaterThan(4);
    expect(seen.rests).toBeLessThanOrEqual(1200 / 135);
  });

  it('rests no more once it has moved thousands', async () => {
    const { time } = await exchanged(0, 12_000);
    expect(time.nowMs).toBeLessThan(3000);
  });
});
