import { beforeEach, describe, expect, it } from '@jest/globals';
import { cameAlive, failed, WorkerBench } from './worker.fixture.js';

let bench: WorkerBench;

beforeEach(() => {
  bench = new WorkerBench();
});

describe('ReplicationWorker', () => {
  it('sends nothing to a peer that has never answered', async () => {
    const worker = bench.worker();
    worker.put(bench.item('a'), 'record');
    await bench.time.advance(60_000);
    expect([bench.requests, worker.depth, worker.lagMs]).toEqual([[], 1, 60_000]);
  });

  it('sends records at once, those of one turn together', async () => {
    const worker = await bench.ready();
    worker.put(bench.item('a'), 'record');
    worker.put(bench.item('b'), 'record');
    await bench.time.settle();
    expect(bench.requests).toEqual([{ kind: 'record', keys: ['a', 'b'], atMs: 0 }]);
    expect(worker.depth).toBe(0);
  });

  it('collects renewals for the interval: a hundred heartbeats are one request', async () => {
    const worker = await bench.ready();
    for (let beat = 0; beat < 99; beat += 1) {
      worker.put(bench.item(`i${beat}`), 'renewal');
      await bench.time.advance(1);
    }
    expect(bench.requests).toEqual([]);
    await bench.time.advance(1);
    expect(bench.requests.map(({ keys, atMs }) => [keys.length, atMs])).toEqual([[99, 100]]);
  });

  it('sends renewals before the interval is over when batch_size of them wait', async () => {
    const worker = await bench.ready();
    for (let beat = 0; beat < 100; beat += 1) worker.put(bench.item(`i${beat}`), 'renewal');
    await bench.time.settle();
    expect(bench.requests.map(({ keys, atMs }) => [keys.length, atMs])).toEqual([[100, 0]]);
  });

  it('collects nothing when the interval is 0', async () => {
    const worker = await bench.ready({ batchIntervalMs: 0 });
    worker.put(bench.item('a'), 'renewal');
    await bench.time.settle();
    expect(bench.requests).toHaveLength(1);
  });

  it('has one request under way, and sends what came meanwhile in the next', async () => {
    bench.held = [];
    const worker = await bench.ready();
    worker.put(bench.item('a'), 'record');
    await bench.time.settle();
    worker.put(bench.item('a'), 'record');
    worker.put(bench.item('b'), 'record');
    await bench.time.advance(1000);
    expect([bench.requests.length, worker.depth]).toEqual([1, 3]);
    bench.held.pop()?.();
    await bench.time.settle();
    expect(bench.requests[1]?.keys).toEqual(['a', 'b']);
  });

  it('sends a change at once, and those that follow within two milliseconds together', async () => {
    const worker = await bench.ready({ batchSize: 3 });
    worker.put(bench.item('a'), 'record');
    await bench.time.settle();
    worker.put(bench.item('b'), 'record');
    await bench.time.advance(1);
    worker.put(bench.item('c'), 'record');
    await bench.time.settle();
    expect(bench.requests.map(({ keys }) => keys)).toEqual([['a']]);
    await bench.time.advance(1);
    expect(bench.requests.map(({ keys }) => keys)).toEqual([['a'], ['b', 'c']]);
    await bench.time.advance(2);
    worker.put(bench.item('d'), 'record');
    await bench.time.settle();
    expect(bench.requests.length).toBe(3);
    for (const key of ['e', 'f', 'g']) worker.put(bench.item(key), 'record');
    await bench.time.settle();
    expect(bench.requests[3]?.keys).toEqual(['e', 'f', 'g']);
  });

  it('lets due renewals take turns with records', async () => {
    bench.held = [];
    const worker = await bench.ready({ batchIntervalMs: 0 });
    for (let turn = 0; turn < 4; turn += 1) {
      worker.put(bench.item(`r${turn}`), 'record');
      worker.put(bench.item(`b${turn}`), 'renewal');
      await bench.time.advance(2);
      bench.held.pop()?.();
      await bench.time.settle();
    }
    expect(bench.requests.map(({ kind }) => kind).slice(0, 4)).toEqual([
      'record',
      'renewal',
      'record',
      'renewal',
    ]);
  });

  it('backs off after failures, keeps the keys, and starts over after a success', async () => {
    const worker = await bench.ready();
    bench.outcomes = [failed, failed];
    worker.put(bench.item('a'), 'record');
    await bench.time.runUntil(() => worker.depth === 0, 1000);
    expect(bench.requests.map(({ keys }) => keys)).toEqual([['a'], ['a'], ['a']]);
    expect([bench.gaveUp, worker.peer.lastError]).toEqual([0, undefined]);
  });

  it('backs off from a peer that answers every probe and breaks every other call', async () => {
    const worker = await bench.ready();
    bench.outcomes = Array.from({ length: 1000 }, () => failed);
    worker.put(bench.item('a'), 'record');
    for (let ms = 0; ms < 10_000; ms += 10) {
      await bench.time.advance(10);
      worker.wake({ recovered: true, newRun: false });
    }
    // Four tries, a second of rest, and again.
    expect(bench.requests.length).toBeLessThan(40);
    expect(bench.requests.length).toBeGreaterThan(20);
  });

  it('waits for as long as the peer asks', async () => {
    const worker = await bench.ready();
    bench.outcomes = [{ kind: 'retry', reason: 'HTTP 429', afterMs: 7000, unanswered: false }];
    worker.put(bench.item('a'), 'record');
    await bench.time.runUntil(() => worker.depth === 0, 20_000);
    expect(bench.requests[1]?.atMs).toBeGreaterThanOrEqual(7000);
  });

  it('leaves a peer that it gave up alone for as long as the peer asked', async () => {
    const worker = await bench.ready({ maxRetries: 0 });
    bench.outcomes = [{ kind: 'retry', reason: 'HTTP 429', afterMs: 30_000, unanswered: false }];
    worker.put(bench.item('a'), 'record');
    await bench.time.settle();
    for (let probe = 0; probe < 8; probe += 1) {
      await bench.time.advance(4000);
      worker.wake({ recovered: probe === 2, newRun: false });
    }
    await bench.time.settle();
    expect(bench.requests.map(({ atMs }) => atMs)).toEqual([0, 30_000]);
  });

  it('gives up after max_retries in a row, keeps the outbox, and goes on when the peer answers', async () => {
    const worker = await bench.ready();
    bench.outcomes = [failed, failed, failed, failed];
    worker.put(bench.item('a'), 'record');
    await bench.time.runUntil(() => bench.gaveUp === 1);
    await bench.time.advance(60_000);
    expect([bench.requests.length, worker.depth, bench.missed]).toEqual([4, 1, []]);
    worker.wake({ recovered: false, newRun: false });
    await bench.time.settle();
    expect([bench.requests.length, worker.depth]).toEqual([5, 0]);
  });

  it('gives a peer that answers probes but takes nothing some rest', async () => {
    const worker = await bench.ready();
    bench.outcomes = Array.from({ length: 4 }, () => failed);
    worker.put(bench.item('a'), 'record');
    await bench.time.runUntil(() => bench.gaveUp === 1);
    worker.wake({ recovered: false, newRun: false });
    await bench.time.advance(100);
    expect(bench.requests).toHaveLength(4);
    worker.wake({ recovered: true, newRun: false });
    await bench.time.advance(1000);
    expect(bench.requests).toHaveLength(5);
  });

  it('tries what the peer refuses only once, says so once, and tells that the peer bench.missed it', async () => {
    const worker = await bench.ready();
    bench.outcomes = [
      { kind: 'rejected', reason: 'HTTP 401' },
      { kind: 'rejected', reason: 'HTTP 401' },
    ];
    worker.put(bench.item('a'), 'record');
    await bench.time.settle();
    worker.put(bench.item('b'), 'record');
    await bench.time.advance(60_000);
    expect([bench.requests.length, bench.missed]).toEqual([2, ['refused', 'refused']]);
    expect(bench.logger.text().match(/refuses replication/g)).toHaveLength(1);
  });

  it('clears the outbox over its limit, and tells that the peer bench.missed changes', () => {
    const worker = bench.worker({ outboxLimit: 20 });
    for (let index = 0; index < 21; index += 1) worker.put(bench.item(`i${index}`), 'record');
    expect([worker.depth, bench.missed]).toEqual([0, ['overflow']]);
  });

  it('counts what is under way against the limit', async () => {
    bench.held = [];
    const worker = await bench.ready({ outboxLimit: 2 });
    for (const key of ['a', 'b', 'c']) {
      worker.put(bench.item(key), 'record');
      await bench.time.settle();
    }
    expect([worker.depth, bench.missed]).toEqual([1, ['overflow']]);
  });

  it('drops a renewal that tells nothing any more', async () => {
    const worker = await bench.ready();
    worker.put(bench.item('a'), 'renewal');
    worker.put(bench.item('b'), 'renewal');
    worker.dropRenewal('a');
    await bench.time.advance(200);
    expect(bench.requests.map(({ keys }) => keys)).toEqual([['b']]);
  });

  it('drains without waiting for the interval', async () => {
    const worker = await bench.ready({ batchIntervalMs: 60_000 });
    worker.put(bench.item('a'), 'renewal');
    await bench.time.finish(worker.drain(), 10);
    expect([bench.requests.length, worker.depth]).toEqual([1, 0]);
  });

  it('does not hold up a drain for a peer that is given up', async () => {
    const worker = bench.worker();
    worker.put(bench.item('a'), 'record');
    await bench.time.finish(worker.drain(), 10);
    expect(worker.depth).toBe(1);
  });

  it('drains at once when nothing waits', async () => {
    const worker = await bench.ready();
    await bench.time.finish(worker.drain(), 10);
    expect(bench.requests).toEqual([]);
  });

  it('sends nothing after it was stopped', async () => {
    const worker = await bench.ready();
    worker.put(bench.item('a'), 'record');
    worker.stop();
    worker.put(bench.item('b'), 'record');
    worker.wake(cameAlive);
    await bench.time.advance(60_000);
    expect(bench.requests).toEqual([]);
  });
});
