import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Outcome } from './error.js';
import { failed, WorkerBench } from './worker.fixture.js';

let bench: WorkerBench;

beforeEach(() => {
  bench = new WorkerBench();
});

describe('a gift', () => {
  const keysOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `t${index}`);

  it('leaves page by page, and has been taken when the last page is', async () => {
    const worker = await bench.ready({ outboxLimit: 20 });
    expect(await bench.time.finish(worker.give(keysOf(25)))).toBe(true);
    expect(bench.requests.map(({ keys }) => keys.length)).toEqual([10, 10, 5]);
    expect(bench.requests.flatMap(({ keys }) => keys)).toEqual(keysOf(25));
    expect(await worker.give([])).toBe(true);
  });

  it('passes an outbox that is full of renewals', async () => {
    const worker = await bench.ready({ outboxLimit: 4 });
    for (const key of ['w', 'x', 'y', 'z']) worker.put(bench.item(key), 'renewal');
    expect(await bench.time.finish(worker.give(keysOf(5)))).toBe(true);
    expect(bench.requests.flatMap(({ keys }) => keys)).toEqual(['w', 'x', 'y', 'z', ...keysOf(5)]);
    expect(bench.missed).toEqual([]);
  });

  it('is not bench.held up by changes that go on', async () => {
    const worker = await bench.ready({ outboxLimit: 100 });
    bench.held = [];
    let sentWhenTaken = 0;
    void worker.give(keysOf(200)).then(() => (sentWhenTaken = bench.requests.length));
    for (let turn = 0; turn < 50; turn += 1) {
      worker.put(bench.item(`live${turn}`), 'record');
      await bench.time.settle();
      for (const answer of bench.held.splice(0)) answer();
      await bench.time.settle();
    }
    expect(sentWhenTaken).toBeGreaterThan(0);
    expect(sentWhenTaken).toBeLessThan(10);
    expect(bench.missed).toEqual([]);
  });

  it('goes on after a failure, and counts as taken only then', async () => {
    const worker = await bench.ready();
    bench.outcomes = [failed, failed];
    let taken: boolean | undefined;
    void worker.give(keysOf(3)).then((answer) => (taken = answer));
    await bench.time.settle();
    expect(taken).toBeUndefined();
    await bench.time.runUntil(() => taken === true, 1000);
    expect(bench.requests).toHaveLength(3);
  });

  it.each([
    ['refuses it', [{ kind: 'rejected', reason: 'HTTP 413' } as const]],
    ['takes nothing any more', [failed, failed, failed, failed]],
  ])('has failed when the peer %s', async (_what, planned) => {
    const worker = await bench.ready();
    bench.outcomes = [...planned];
    expect(await bench.time.finish(worker.give(keysOf(3)))).toBe(false);
  });

  it('has failed when the outbox overflows meanwhile, or the worker stops', async () => {
    bench.held = [];
    const worker = await bench.ready({ outboxLimit: 4 });
    const given = worker.give(keysOf(10));
    await bench.time.settle();
    for (let index = 0; index < 5; index += 1) worker.put(bench.item(`i${index}`), 'record');
    expect(await bench.time.finish(given)).toBe(false);
    const another = worker.give(keysOf(10));
    worker.stop();
    expect(await bench.time.finish(another)).toBe(false);
  });

  it('ends that a peer is given up which has come back, unless that asked to be left alone', async () => {
    const worker = await bench.ready({ maxRetries: 0 });
    const busy: Outcome = { kind: 'retry', reason: 'HTTP 503', unanswered: false, afterMs: 3000 };
    bench.outcomes = [failed, busy];
    expect(await bench.time.finish(worker.give(['a']))).toBe(false);
    expect(await worker.give(['b'])).toBe(false);
    worker.peer.answered({ monotonicMs: 0, wallMs: 0 });
    expect(await bench.time.finish(worker.give(['c']))).toBe(false);
    expect(await worker.give(['d'])).toBe(false);
    await bench.time.advance(3000);
    expect(await bench.time.finish(worker.give(['e']))).toBe(true);
  });

  it('is not begun for a peer that is given up, or while there is another', async () => {
    expect(await bench.worker().give(['a'])).toBe(false);
    bench.held = [];
    const worker = await bench.ready();
    void worker.give(['a']);
    expect(await worker.give(['b'])).toBe(false);
  });
});
