import type { Change } from '@artemis/core';
import { anAliveRecord, VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { leasesOn } from './leases.fixture.js';
import { RecordTable } from '../registry/record-table.js';
import type { LeaseManager } from './manager.js';

let time: VirtualTime;
let table: RecordTable;
let due: { key: string; atMs: number }[];
let turns: number;
let news: string[];
let leases: LeaseManager;
let pausedMs: number;

beforeEach(() => {
  time = new VirtualTime();
  table = new RecordTable();
  [due, turns, news, pausedMs] = [[], 0, [], 0];
  const clock = { monotonicMs: () => time.nowMs + pausedMs, wallMs: () => time.nowMs + pausedMs };
  const taken = (found: readonly string[]): void => {
    turns += 1;
    for (const key of found) due.push({ key, atMs: time.nowMs });
  };
  ({ leases } = leasesOn(
    table,
    { clock: clock as VirtualTime['clock'], scheduler: time.scheduler },
    { due: taken, news: (key) => news.push(key) },
  ));
});

function grant(id: string, ttlMs: number, context: Partial<Change> = {}, owner = 'node1'): string {
  const record = anAliveRecord({ instance: { instance_id: id }, leaseTtlMs: ttlMs, version: { owner } });
  table.set(record);
  leases.onChange({
    revision: 1,
    record,
    previous: undefined,
    origin: 'local',
    reason: 'registered',
    type: 'new',
    visibility: 'listed',
    wallMs: 0,
    ageMs: 0,
    byClient: true,
    ...context,
  });
  return record.key;
}

const dueKeys = (): string[] => due.map(({ key }) => key);

describe('LeaseManager', () => {
  it('hands an own lease over within half a second of its end, once', async () => {
    const key = grant('a', 3100);
    await time.advance(10_000);
    expect(due).toEqual([{ key, atMs: expect.any(Number) }]);
    expect(due[0]?.atMs).toBeGreaterThanOrEqual(3100);
    expect(due[0]?.atMs).toBeLessThanOrEqual(3600);
  });

  it('hands over the lease of a record of another node when it is old', async () => {
    grant('a', 10_000, { byClient: false }, 'node2');
    await time.advance(30_000);
    expect(due).toHaveLength(1);
    expect(due[0]?.atMs).toBeGreaterThanOrEqual(7000);
    expect(due[0]?.atMs).toBeLessThanOrEqual(7500);
  });

  it('looks again when it is told to, and not while the lease is young', async () => {
    const key = grant('a', 10_000, { byClient: false }, 'node2');
    await time.advance(8000);
    leases.lookAgain(key, 9000);
    await time.advance(1500);
    expect(due).toHaveLength(2);
    leases.lookAgain(key, 12_000);
    leases.renewByPeer(key, 0);
    await time.advance(5000);
    expect(due).toHaveLength(2);
    await time.advance(3000);
    expect(due).toHaveLength(3);
  });

  it('watches anew a record whose owner changes', async () => {
    grant('a', 10_000, { byClient: false }, 'node2');
    grant('a', 10_000, { reason: 'moved' }, 'node1');
    await time.advance(9900);
    expect(due).toEqual([]);
    await time.advance(600);
    expect(due).toHaveLength(1);
    grant('a', 10_000, { ageMs: 0 }, 'node3');
    await time.advance(7500);
    expect(due).toHaveLength(2);
  });

  it('keeps a lease that is renewed', async () => {
    const key = grant('a', 3000);
    for (let beat = 0; beat < 10; beat += 1) {
      await time.advance(2500);
      leases.renewByClient(key);
    }
    expect([due, news]).toEqual([[], []]);
    await time.advance(3600);
    expect(dueKeys()).toEqual([key]);
  });

  it('tells of renewals of a lease that was due, and hands it over again when they end', async () => {
    const key = grant('a', 3000);
    await time.advance(3600);
    leases.renewByPeer(key, 5000);
    leases.renewByClient(key);
    expect(news).toEqual([key, key]);
    await time.advance(3600);
    expect(dueKeys()).toEqual([key, key]);
  });

  it('counts the age of what a peer tells, and never goes back to an older renewal', async () => {
    const key = grant('a', 3000, { ageMs: 2000, byClient: false });
    expect(leases.ageMs(key)).toBe(2000);
    await time.advance(500);
    leases.renewByPeer(key, 100);
    leases.renewByPeer(key, 2400);
    expect(leases.ageMs(key)).toBe(100);
    await time.advance(2850);
    expect(due).toEqual([]);
    await time.advance(600);
    expect(due).toHaveLength(1);
  });

  it('keeps an age that no clock can tell to what can be told to others', async () => {
    const key = grant('a', 5000, { ageMs: Number.MAX_SAFE_INTEGER });
    await time.advance(60_000);
    expect(Number.isSafeInteger(leases.ageMs(key))).toBe(true);
    leases.renewByPeer(key, Number.MAX_SAFE_INTEGER);
    expect(Number.isSafeInteger(leases.ageMs(key))).toBe(true);
    expect(dueKeys()).toEqual([key]);
  });

  it('follows a lease that becomes shorter', async () => {
    grant('a', 60_000);
    grant('a', 1000);
    await time.advance(1500);
    expect(due).toHaveLength(1);
  });

  it('ends a lease with its record', async () => {
    const key = grant('a', 1000);
    const removed = { ...anAliveRecord({ instance: { instance_id: 'a' } }), state: 'removed' };
    leases.onChange({ record: removed } as unknown as Change);
    await time.advance(5000);
    expect([due, leases.size, leases.get(key)]).toEqual([[], 0, undefined]);
  });

  it('takes no notice of how a record is shown', () => {
    grant('a', 1000, { origin: 'view', reason: 'hidden' });
    expect(leases.size).toBe(0);
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

  it('hands over a hundred thousand leases of one moment as one, after several turns', async () => {
    for (let index = 0; index < 100_000; index += 1) grant(`i${index}`, 1000);
    const before = time.eventsRun;
    await time.runUntil(() => due.length > 0);
    expect([due.length, time.nowMs]).toEqual([100_000, 1000]);
    expect(time.eventsRun - before).toBeGreaterThanOrEqual(10);
    expect(turns).toBeLessThanOrEqual(4);
  });

  it('does nothing after it was stopped', async () => {
    grant('a', 1000);
    leases.stop();
    await time.advance(5000);
    expect(due).toEqual([]);
  });
});

describe('a node that was held up', () => {
  it('gives each lease what it had left, but tells how old it really is', async () => {
    const key = grant('a', 3000);
    await time.advance(1000);
    pausedMs += 60_000;
    expect([leases.ageMs(key), leases.clientAgeMs(key)]).toEqual([61_000, 1000]);
    await time.advance(1900);
    expect(due).toEqual([]);
    await time.advance(600);
    expect(due).toHaveLength(1);
  });

  it('hears a heartbeat that was sent meanwhile before it hands anything over, whoever comes first', async () => {
    const key = grant('a', 3000);
    await time.advance(2900);
    pausedMs += 60_000;
    leases.renewByClient(key);
    await time.advance(2900);
    expect([due, leases.ageMs(key)]).toEqual([[], 2900]);
  });
});

describe('fresh terms', () => {
  it('are given to what comes from the store, whose age stays what it is', async () => {
    const key = grant('a', 3000, { origin: 'recovery', ageMs: 100_000, byClient: false });
    expect(leases.ageMs(key)).toBe(100_000);
    await time.advance(2900);
    expect(due).toEqual([]);
    await time.advance(600);
    expect(dueKeys()).toEqual([key]);
  });

  it('begin when they are given, and are not told as news of leases that nobody doubts', async () => {
    const key = grant('a', 3000);
    await time.advance(2000);
    leases.freshTerms();
    await time.advance(2900);
    expect([due, news, leases.ageMs(key)]).toEqual([[], [], 4900]);
    await time.advance(600);
    expect(dueKeys()).toEqual([key]);
  });

  it('bring back a lease that was due', async () => {
    const key = grant('a', 3000);
    await time.advance(4000);
    leases.freshTerms();
    expect(news).toEqual([key]);
    await time.advance(3500);
    expect(dueKeys()).toEqual([key, key]);
  });

  it('come with a restart, after which only what clients did since counts', async () => {
    const [before, after] = [grant('before', 3000), grant('after', 3000)];
    await time.advance(1000);
    leases.renewByClient(after);
    expect(leases.restart(1000)).toEqual([before]);
    expect([leases.clientAgeMs(before), leases.clientAgeMs(after)]).toEqual([undefined, 0]);
    await time.advance(2900);
    expect(due).toEqual([]);
  });
});
