import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { OutboxItem } from './outbox.js';
import { Outbox } from './outbox.js';

const item = (key: string, sinceMs: number): OutboxItem => ({ key, sinceMs });

describe('Outbox', () => {
  it('holds a key once, however often it changes', () => {
    const outbox = new Outbox(10);
    for (let now = 0; now < 1000; now += 1) outbox.put(item('a', now), 'record');
    expect(outbox.size).toBe(1);
    expect(outbox.take('record', 10)).toEqual([{ key: 'a', sinceMs: 0 }]);
    expect(outbox.size).toBe(0);
  });

  it('lets a record swallow the renewal of its key, which keeps its place in time', () => {
    const outbox = new Outbox(10);
    outbox.put(item('a', 5), 'renewal');
    outbox.put(item('a', 9), 'record');
    outbox.put(item('a', 12), 'renewal');
    expect([outbox.records, outbox.renewals]).toEqual([1, 0]);
    expect(outbox.oldestMs).toBe(5);
  });

  it('hands out the keys that wait longest first, at most as many as asked for', () => {
    const outbox = new Outbox(10);
    for (const [now, key] of ['a', 'b', 'c'].entries()) outbox.put(item(key, now), 'renewal');
    expect(outbox.take('renewal', 2).map(({ key }) => key)).toEqual(['a', 'b']);
    expect(outbox.oldestRenewalMs).toBe(2);
  });

  it('is empty after it overflowed, and says so', () => {
    const outbox = new Outbox(2);
    expect([outbox.put(item('a', 0), 'record'), outbox.put(item('b', 0), 'renewal')]).toEqual([true, true]);
    expect(outbox.put(item('c', 0), 'record')).toBe(false);
    expect(outbox.size).toBe(0);
  });

  it('puts undelivered keys back in front of what came since', () => {
    const outbox = new Outbox(10);
    outbox.put(item('a', 1), 'record');
    const taken = outbox.take('record', 10);
    outbox.put(item('b', 2), 'record');
    outbox.put(item('a', 3), 'renewal');
    expect(outbox.giveBack('record', taken)).toBe(true);
    expect([outbox.records, outbox.renewals]).toEqual([2, 0]);
    expect(outbox.take('record', 10).map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('drops an undelivered renewal whose key waits as a record meanwhile', () => {
    const outbox = new Outbox(10);
    outbox.put(item('a', 1), 'renewal');
    const taken = outbox.take('renewal', 10);
    outbox.put(item('a', 2), 'record');
    outbox.giveBack('renewal', taken);
    expect([outbox.records, outbox.renewals]).toEqual([1, 0]);
  });

  it('never loses a key, whatever fails in between', () => {
    const step = fc.oneof(
      fc.record({ put: fc.constantFrom('a', 'b', 'c', 'd'), kind: fc.constantFrom('record', 'renewal') }),
      fc.record({ take: fc.constantFrom('record', 'renewal'), fails: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const outbox = new Outbox(100);
        const owed = new Map<string, 'record' | 'renewal'>();
        for (const [now, action] of steps.entries()) {
          if ('put' in action) {
            const kind = action.kind;
            outbox.put(item(action.put, now), kind);
            if (owed.get(action.put) !== 'record') owed.set(action.put, kind);
            continue;
          }
          const kind = action.take;
          const taken = outbox.take(kind, 2);
          if (action.fails) outbox.giveBack(kind, taken);
          else for (const { key } of taken) owed.delete(key);
        }
        const left = [...outbox.take('record', 100), ...outbox.take('renewal', 100)].map(({ key }) => key);
        expect(left.sort()).toEqual([...owed.keys()].sort());
      }),
    );
  });

  it('drops what is older than something, and a renewal that tells nothing any more', () => {
    const outbox = new Outbox(10);
    outbox.put(item('old', 1000), 'record');
    outbox.put(item('beat', 1500), 'renewal');
    outbox.put(item('new', 2000), 'record');
    outbox.put(item('late', 2500), 'renewal');
    outbox.dropOlder(2000);
    expect([outbox.take('record', 9), outbox.renewals]).toEqual([[{ key: 'new', sinceMs: 2000 }], 1]);
    outbox.dropRenewal('late');
    expect(outbox.size).toBe(0);
  });
});
