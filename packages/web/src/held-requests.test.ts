import { VirtualTime } from '@artemis/core/testing';
import type { PushGauges } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import { HeldRequests } from './held-requests.js';
import { FakeTable } from './push/push-stage.fixture.js';
import { fakeNode } from './state.fixture.js';

function start({ maxSessions = 3, draining = false } = {}) {
  const time = new VirtualTime();
  const table = new FakeTable();
  const drains = new Set<() => void>();
  const health = {
    draining,
    onDrain: (listener: () => void) => {
      drains.add(listener);
      return () => drains.delete(listener);
    },
  };
  let gauges: () => Partial<PushGauges> = () => ({});
  const { state } = fakeNode({
    push: { maxSessions },
    health,
    pushMetrics: { source: (read) => (gauges = read) },
  });
  const held = new HeldRequests({ ...state, changes: table, scheduler: time.scheduler });
  const done: string[] = [];
  const hold = (service: string, name: string, whenGone: (listener: () => void) => void = () => undefined) =>
    held.untilChanged(service, 10_000, whenGone).then(() => void done.push(name));
  return { time, table, drains, hold, done, gauges: () => gauges().heldRequests };
}

describe('a request that is held', () => {
  it('ends when its service changes, in whatever case it is written', async () => {
    const { time, table, hold, done } = start();
    void hold('Orders', 'a');
    void hold('orders', 'b');
    void hold('billing', 'c');
    table.renew();
    await time.advance(100);
    expect(done).toEqual([]);
    table.put('ORDERS', 'i');
    table.put('orders', 'j');
    await time.settle();
    expect(done).toEqual(['a', 'b']);
  });

  it('ends when its time has passed, and not before', async () => {
    const { time, hold, done } = start();
    void hold('orders', 'a');
    await time.advance(9_999);
    expect(done).toEqual([]);
    await time.advance(1);
    expect(done).toEqual(['a']);
  });

  it('ends when the node stops, and is not held when it does already', async () => {
    const { time, drains, hold, done } = start();
    void hold('orders', 'a');
    for (const drain of drains) drain();
    await time.settle();
    expect(done).toEqual(['a']);
    const stopping = start({ draining: true });
    await stopping.hold('orders', 'b');
    expect(stopping.done).toEqual(['b']);
  });

  it('leaves nothing behind once it has ended, whatever ended it', async () => {
    const { time, table, drains, hold, gauges } = start();
    let leave: () => void = () => undefined;
    void hold('orders', 'a', (listener) => (leave = listener));
    void hold('orders', 'b');
    expect([table.listeners, drains.size, gauges()]).toEqual([1, 1, 2]);
    leave();
    leave();
    expect(gauges()).toBe(1);
    table.put('orders', 'i');
    await time.settle();
    expect([table.listeners, drains.size, gauges()]).toEqual([0, 0, 0]);
    const before = time.eventsRun;
    await time.advance(20_000);
    expect(time.eventsRun).toBe(before);
  });

  it('is one of so many', async () => {
    const { hold, gauges } = start({ maxSessions: 1 });
    void hold('orders', 'a');
    expect(() => hold('orders', 'b')).toThrow('too many requests are held');
    expect(gauges()).toBe(1);
  });
});
