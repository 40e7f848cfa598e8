import type { Change } from '@artemis/core';
import { anAliveRecord, VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { LeaseManager } from './manager.js';

let time: VirtualTime;
let lapsed: { key: string; atMs: number }[];
let leases: LeaseManager;

beforeEach(() => {
  time = new VirtualTime();
  lapsed = [];
  const { clock, scheduler } = time;
  leases = new LeaseManager({ clock, scheduler, lapsed: (key) => lapsed.push({ key, atMs: time.nowMs }) });
  leases.start();
});

function grant(id: string, ttlMs: number, context: Partial<Change> = {}): string {
  const record = anAliveRecord({ instance: { instance_id: id }, leaseTtlMs: ttlMs });
  leases.onChange({
    revision: 1,
    record,
    previous: undefined,
    origin: 'local',
    reason: 'registered',
    type: 'new',
    wallMs: 0,
    ageMs: 0,
    byClient: true,
    ...context,
  });
  return record.key;
}

describe('LeaseManager', () => {
  it('hands a lease over within half a second of its end, once', async () => {
    const key = grant('a', 3100);
    await time.advance(10_000);
    expect(lapsed).toEqual([{ key, atMs: expect.any(Number) }]);
    expect(lapsed[0]?.atMs).toBeGreaterThanOrEqual(3100);
    expect(lapsed[0]?.atMs).toBeLessThanOrEqual(3600);
  });

  it('keeps a lease that is renewed', async () => {
    const key = grant('a', 3000);
    for (let beat = 0; beat < 10; beat += 1) {
      await time.advance(2500);
      leases.renewByClient(key);
    }
    expect(lapsed).toEqual([]);
    await time.advance(3600);
    expect(lapsed.map((lapse) => lapse.key)).toEqual([key]);
  });

  it('counts the age of what a peer tells, and never goes back to an older renewal', async () => {
    const key = grant('a', 3000, { ageMs: 2000, byClient: false });
    expect(leases.ageMs(key)).toBe(2000);
    await time.advance(500);
    leases.renewByPeer(key, 100);
    leases.renewByPeer(key, 2400);
    expect(leases.ageMs(key)).toBe(100);
    await time.advance(2850);
    expect(lapsed).toEqual([]);
    await time.advance(600);
    expect(lapsed).toHaveLength(1);
  });

  it('follows a lease that becomes shorter', async () => {
    grant('a', 60_000);
    grant('a', 1000);
    await time.advance(1500);
    expect(lapsed).toHaveLength(1);
  });

  it('ends a lease with its record', async () => {
    const key = grant('a', 1000);
    const removed = {
      ...anAliveRecord({ instance: { instance_id: 'a' } }),
      state: 'removed',
      reason: 'unregistered',
    };
    leases.onChange({ record: removed } as unknown as Change);
    await time.advance(5000);
    expect([lapsed, leases.size, leases.get(key)]).toEqual([[], 0, undefined]);
  });

  it('knows for how long a client itself was here, no longer than the lease', async () => {
    const own = grant('own', 3000);
    const told = grant('told', 3000, { byClient: false });
    await time.advance(2000);
    leases.renewByPeer(own, 0);
    leases.renewByPeer(told, 0);
    expect([leases.clientAgeMs(own), leases.clientAgeMs(told)]).toEqual([2000, undefined]);
    await time.advance(1000);
    expect(leases.clientAgeMs(own)).toBeUndefined();
    leases.renewByClient(told);
    expect(leases.clientAgeMs(told)).toBe(0);
  });

  it('remembers the client of a record whose owner changes', () => {
    const key = grant('a', 3000);
    grant('a', 3000, { byClient: false, ageMs: 500, reason: 'moved' });
    expect([leases.clientAgeMs(key), leases.ageMs(key)]).toEqual([0, 0]);
  });

  it('looks again after the record of a lapsed lease has changed', async () => {
    const key = grant('a', 1000);
    await time.advance(2000);
    grant('a', 1000);
    await time.advance(2000);
    expect(lapsed.map((lapse) => lapse.key)).toEqual([key, key]);
  });

  it('takes ten thousand lapses in several turns, all within a second', async () => {
    for (let index = 0; index < 10_000; index += 1) grant(`i${index}`, 1000);
    const before = time.eventsRun;
    await time.runUntil(() => lapsed.length > 0);
    expect(lapsed.length).toBeLessThanOrEqual(500);
    await time.advance(500);
    expect(lapsed).toHaveLength(10_000);
    expect(time.eventsRun - before).toBeGreaterThanOrEqual(20);
  });

  it('does nothing after it was stopped', async () => {
    grant('a', 1000);
    leases.stop();
    await time.advance(5000);
    expect(lapsed).toEqual([]);
  });
});
