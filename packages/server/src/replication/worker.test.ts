import { CollectedLogger, SeededRandom, VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Peer } from '../cluster/peer.js';
import type { Sent } from './delivery.js';
import type { Outcome } from './error.js';
import type { OutboxItem, OutboxKind } from './outbox.js';
import type { WorkerOptions } from './worker.js';
import { ReplicationWorker } from './worker.js';

const delivered: Outcome = { kind: 'delivered', body: undefined };
const failed: Outcome = { kind: 'retry', reason: 'HTTP 503', unanswered: false };
const cameAlive = { recovered: true, newRun: true };

let time: VirtualTime;
let requests: { kind: OutboxKind; keys: string[]; atMs: number }[];
let outcomes: Outcome[];
let table: string[];
let gaveUp: number;
let logger: CollectedLogger;
/** When set, a request stays under way until the function in it is called. */
let held: (() => void)[] | undefined;

beforeEach(() => {
  time = new VirtualTime();
  requests = [];
  outcomes = [];
  table = [];
  gaveUp = 0;
  logger = new CollectedLogger();
  held = undefined;
});

async function send(kind: OutboxKind, items: readonly OutboxItem[]): Promise<Sent> {
  requests.push({ kind, keys: items.map(({ key }) => key), atMs: time.nowMs });
  if (held !== undefined) await new Promise<void>((resolve) => held?.push(resolve));
  const outcome = outcomes.shift() ?? delivered;
  return { outcome, undelivered: outcome.kind === 'retry' ? [...items] : [] };
}

function workerWith(options: Partial<WorkerOptions> = {}): ReplicationWorker {
  const { clock, scheduler } = time;
  return new ReplicationWorker({
    peer: new Peer('node2:8080', 'http://node2:8080', 5000, 0),
    clock,
    scheduler,
    random: new SeededRandom(1),
    logger,
    outboxLimit: 1000,
    batchSize: 100,
    batchIntervalMs: 100,
    maxRetries: 3,
    retryGivenUpMs: 5000,
    send,
    tableKeys: () => table,
    gaveUp: () => (gaveUp += 1),
    overflowed: () => undefined,
    repairing: () => undefined,
    ...options,
  });
}

async function readyWorker(options: Partial<WorkerOptions> = {}): Promise<ReplicationWorker> {
  const worker = workerWith(options);
  worker.wake(cameAlive);
  await time.settle();
  return worker;
}

describe('ReplicationWorker', () => {
  it('sends nothing to a peer that has never answered', async () => {
    const worker = workerWith();
    worker.put('a', 'record');
    await time.advance(60_000);
    expect([requests, worker.depth, worker.lagMs]).toEqual([[], 1, 60_000]);
  });

  it('sends records at once, those of one turn together', async () => {
    const worker = await readyWorker();
    worker.put('a', 'record');
    worker.put('b', 'record');
    await time.settle();
    expect(requests).toEqual([{ kind: 'record', keys: ['a', 'b'], atMs: 0 }]);
    expect(worker.depth).toBe(0);
  });

  it('collects renewals for the interval: a hundred heartbeats are one request', async () => {
    const worker = await readyWorker();
    for (let beat = 0; beat < 99; beat += 1) {
      worker.put(`i${beat}`, 'renewal');
      await time.advance(1);
    }
    expect(requests).toEqual([]);
    await time.advance(1);
    expect(requests.map(({ keys, atMs }) => [keys.length, atMs])).toEqual([[99, 100]]);
  });

  it('sends renewals before the interval is over when batch_size of them wait', async () => {
    const worker = await readyWorker();
    for (let beat = 0; beat < 100; beat += 1) worker.put(`i${beat}`, 'renewal');
    await time.settle();
    expect(requests.map(({ keys, atMs }) => [keys.length, atMs])).toEqual([[100, 0]]);
  });

  it('collects nothing when the interval is 0', async () => {
    const worker = await readyWorker({ batchIntervalMs: 0 });
    worker.put('a', 'renewal');
    await time.settle();
    expect(requests).toHaveLength(1);
  });

  it('has one request under way, and sends what came meanwhile in the next', async () => {
    held = [];
    const worker = await readyWorker();
    worker.put('a', 'record');
    await time.settle();
    worker.put('a', 'record');
    worker.put('b', 'record');
    await time.advance(1000);
    expect([requests.length, worker.depth]).toEqual([1, 3]);
    held.pop()?.();
    await time.settle();
    expect(requests[1]?.keys).toEqual(['a', 'b']);
  });

  it('lets due renewals take turns with records', async () => {
    held = [];
    const worker = await readyWorker({ batchIntervalMs: 0 });
    for (let turn = 0; turn < 4; turn += 1) {
      worker.put(`r${turn}`, 'record');
      worker.put(`b${turn}`, 'renewal');
      await time.settle();
      held.pop()?.();
      await time.settle();
    }
    expect(requests.map(({ kind }) => kind).slice(0, 4)).toEqual(['record', 'renewal', 'record', 'renewal']);
  });

  it('backs off after failures, keeps the keys, and starts over after a success', async () => {
    const worker = await readyWorker();
    outcomes = [failed, failed];
    worker.put('a', 'record');
    await time.runUntil(() => worker.depth === 0, 1000);
    expect(requests.map(({ keys }) => keys)).toEqual([['a'], ['a'], ['a']]);
    expect([gaveUp, worker.peer.lastError]).toEqual([0, undefined]);
  });

  it('backs off from a peer that answers every probe and breaks every other call', async () => {
    const worker = await readyWorker();
    outcomes = Array.from({ length: 1000 }, () => failed);
    worker.put('a', 'record');
    for (let ms = 0; ms < 10_000; ms += 10) {
      await time.advance(10);
      worker.wake({ recovered: true, newRun: false });
    }
    // Four tries, a second of rest, and again.
    expect(requests.length).toBeLessThan(40);
    expect(requests.length).toBeGreaterThan(20);
  });

  it('waits for as long as the peer asks', async () => {
    const worker = await readyWorker();
    outcomes = [{ kind: 'retry', reason: 'HTTP 429', afterMs: 7000, unanswered: false }];
    worker.put('a', 'record');
    await time.runUntil(() => worker.depth === 0, 20_000);
    expect(requests[1]?.atMs).toBeGreaterThanOrEqual(7000);
  });

  it('leaves a peer that it gave up alone for as long as the peer asked', async () => {
    const worker = await readyWorker({ maxRetries: 0 });
    outcomes = [{ kind: 'retry', reason: 'HTTP 429', afterMs: 30_000, unanswered: false }];
    worker.put('a', 'record');
    await time.settle();
    for (let probe = 0; probe < 8; probe += 1) {
      await time.advance(4000);
      worker.wake({ recovered: probe === 2, newRun: false });
    }
    await time.settle();
    expect(requests.map(({ atMs }) => atMs)).toEqual([0, 30_000]);
  });

  it('gives up after max_retries in a row, keeps the outbox, and goes on when the peer answers', async () => {
    const worker = await readyWorker();
    outcomes = [failed, failed, failed, failed];
    worker.put('a', 'record');
    await time.runUntil(() => gaveUp === 1);
    await time.advance(60_000);
    expect([requests.length, worker.depth, worker.repairPending]).toEqual([4, 1, false]);
    worker.wake({ recovered: false, newRun: false });
    await time.settle();
    expect([requests.length, worker.depth]).toEqual([5, 0]);
  });

  it('gives a peer that answers probes but takes nothing some rest', async () => {
    const worker = await readyWorker();
    outcomes = Array.from({ length: 4 }, () => failed);
    worker.put('a', 'record');
    await time.runUntil(() => gaveUp === 1);
    worker.wake({ recovered: false, newRun: false });
    await time.advance(100);
    expect(requests).toHaveLength(4);
    worker.wake({ recovered: true, newRun: false });
    await time.advance(1000);
    expect(requests).toHaveLength(5);
  });

  it('tries what the peer refuses only once, says so once, and repairs when it comes back', async () => {
    const worker = await readyWorker();
    outcomes = [
      { kind: 'rejected', reason: 'HTTP 401' },
      { kind: 'rejected', reason: 'HTTP 401' },
    ];
    table = ['a', 'b', 'c'];
    worker.put('a', 'record');
    await time.settle();
    worker.put('b', 'record');
    await time.advance(60_000);
    expect([requests.length, worker.repairPending]).toEqual([2, true]);
    expect(logger.text().match(/refuses replication/g)).toHaveLength(1);
    worker.wake({ recovered: true, newRun: false });
    await time.settle();
    expect(requests[2]?.keys).toEqual(['a', 'b', 'c']);
    expect(worker.repairPending).toBe(false);
  });

  it('offers the whole table after an overflow, page by page', async () => {
    table = Array.from({ length: 25 }, (_, index) => `t${index}`);
    const worker = workerWith({ outboxLimit: 20 });
    for (let index = 0; index < 21; index += 1) worker.put(`i${index}`, 'record');
    expect([worker.depth, worker.repairPending]).toEqual([0, true]);
    worker.wake({ recovered: true, newRun: false });
    await time.advance(2000);
    expect(requests.map(({ keys }) => keys.length)).toEqual([10, 10, 5]);
    expect(requests.flatMap(({ keys }) => keys)).toEqual(table);
    expect([worker.repairPending, worker.repairedWallMs]).toEqual([false, expect.any(Number)]);
  });

  it('counts what is under way against the limit', async () => {
    held = [];
    let overflows = 0;
    const worker = await readyWorker({ outboxLimit: 2, overflowed: () => (overflows += 1) });
    for (const key of ['a', 'b', 'c']) {
      worker.put(key, 'record');
      await time.settle();
    }
    expect([worker.depth, overflows, worker.repairPending]).toEqual([1, 1, true]);
  });

  it('offers the whole table past an outbox that is full of renewals', async () => {
    table = ['a', 'b', 'c', 'd', 'e'];
    let overflows = 0;
    const worker = workerWith({ outboxLimit: 4, overflowed: () => (overflows += 1) });
    for (const key of ['w', 'x', 'y', 'z']) worker.put(key, 'renewal');
    worker.wake(cameAlive);
    await time.settle();
    expect(requests.flatMap(({ keys }) => keys)).toEqual(['w', 'x', 'y', 'z', ...table]);
    expect([overflows, worker.repairPending]).toEqual([0, false]);
  });

  it('offers the table to a peer that started anew, and goes on with the offer after a failure', async () => {
    table = Array.from({ length: 1500 }, (_, index) => `t${index}`);
    const worker = workerWith({ outboxLimit: 10_000 });
    outcomes = [delivered, failed];
    worker.wake(cameAlive);
    await time.advance(5000);
    expect(requests.map(({ keys }) => keys.length)).toEqual([1000, 500, 500]);
  });

  it('drains without waiting for the interval', async () => {
    const worker = await readyWorker({ batchIntervalMs: 60_000 });
    worker.put('a', 'renewal');
    await time.finish(worker.drain(), 10);
    expect([requests.length, worker.depth]).toEqual([1, 0]);
  });

  it('does not hold up a drain for a peer that is given up', async () => {
    const worker = workerWith();
    worker.put('a', 'record');
    await time.finish(worker.drain(), 10);
    expect(worker.depth).toBe(1);
  });

  it('drains at once when nothing waits', async () => {
    const worker = await readyWorker();
    await time.finish(worker.drain(), 10);
    expect(requests).toEqual([]);
  });

  it('sends nothing after it was stopped', async () => {
    const worker = await readyWorker();
    worker.put('a', 'record');
    worker.stop();
    worker.put('b', 'record');
    worker.wake(cameAlive);
    await time.advance(60_000);
    expect(requests).toEqual([]);
  });
});
