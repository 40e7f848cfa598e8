import { describe, expect, it } from '@jest/globals';
import { defaultConfig } from '@artemis/core/config';
import { silentLogger, systemRuntime } from './runtime.js';

const { clock, scheduler, random, transport, store } = systemRuntime(
  defaultConfig({ storage: { engine: 'memory' } }),
  silentLogger,
);

describe('systemRuntime', () => {
  it('has a clock of the wall and one that never runs backwards', () => {
    const before = clock.monotonicMs();
    const start = Date.now();
    expect(clock.wallMs()).toBeGreaterThanOrEqual(start);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(before);
  });

  it('runs tasks in time, never early, and again until cancelled', async () => {
    const order: string[] = [];
    const started = clock.monotonicMs();
    let elapsedMs = 0;
    await new Promise<void>((resolve) => {
      scheduler.after(20.5, () => {
        order.push('after');
        elapsedMs = clock.monotonicMs() - started;
      });
      scheduler.soon(() => order.push('soon'));
      let ticks = 0;
      const stop = scheduler.every(30, () => {
        ticks += 1;
        if (ticks < 2) return;
        stop();
        resolve();
      });
    });
    expect(order).toEqual(['soon', 'after']);
    expect(elapsedMs).toBeGreaterThanOrEqual(20);
  });

  it('takes tasks back, also those that lie further ahead than a timer of Node reaches', async () => {
    const ran: string[] = [];
    const cancels = [
      scheduler.soon(() => ran.push('soon')),
      scheduler.after(1, () => ran.push('after')),
      scheduler.every(1, () => ran.push('every')),
    ];
    const far = [
      scheduler.after(2 ** 31, () => ran.push('far')),
      scheduler.every(2 ** 31, () => ran.push('far')),
    ];
    for (const cancel of cancels) cancel();
    await new Promise<void>((resolve) => scheduler.after(20, resolve));
    for (const cancel of far) cancel();
    expect(ran).toEqual([]);
  });

  it('draws numbers in [0, 1) and ids in base 36', () => {
    for (let round = 0; round < 1000; round += 1) {
      const value = random.next();
      expect(value >= 0 && value < 1).toBe(true);
    }
    const ids = Array.from({ length: 1000 }, () => random.id(12));
    expect(new Set(ids).size).toBe(1000);
    expect(ids.every((id) => /^[0-9a-z]{12}$/.test(id))).toBe(true);
  });

  it('has a transport and a store of its own', async () => {
    await expect(store.open()).resolves.toEqual({ records: [], notes: undefined });
    await store.commit({ put: [], forget: [] });
    await store.close();
    transport.close();
    const call = transport.call('http://127.0.0.1:9', {
      method: 'GET',
      path: '/',
      headers: {},
      timeoutMs: 1000,
    });
    await expect(call).rejects.toMatchObject({ kind: 'closed' });
  });

  it('has a logger that says nothing', () => {
    silentLogger.error('x');
    silentLogger.warn('x');
    silentLogger.info('x');
    silentLogger.debug('x');
  });
});
