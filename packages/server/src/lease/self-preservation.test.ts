import { describe, expect, it } from '@jest/globals';
import { LeaseTable } from './lease-table.fixture.js';

const selfPreservation = { windowMs: 60_000, maxDurationMs: 120_000 };

/** So many instances of which none but these heartbeat from now on. */
async function silence(table: LeaseTable, count: number, alive: number, seconds: number): Promise<string[]> {
  const keys = table.registerMany(count);
  await table.beat(1, keys);
  await table.beat(seconds, keys.slice(0, alive));
  return keys;
}

const shownAs = (table: LeaseTable, keys: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[table.shown(key)] = (counts[table.shown(key)] ?? 0) + 1;
  return counts;
};

describe('SelfPreservation', () => {
  it('keeps a service of which too many lapse at once, none of them expired, as unconfirmed', async () => {
    const table = new LeaseTable({ selfPreservation });
    const keys = await silence(table, 100, 50, 10);
    expect(shownAs(table, keys)).toEqual({ listed: 50, unconfirmed: 50 });
    const status = table.leases.preservation.status();
    expect(status).toMatchObject({ enabled: true, entered: 2, timed_out: 0 });
    expect(status.active.map(({ service_id: id, owned, lapsed }) => [id, owned, lapsed])).toEqual([
      ['test-service', 100, 50],
      [undefined, 100, 50],
    ]);
    expect(status.active[0]?.reason).toBe('50 of 100 leases ended within 60 s');
    expect(table.leases.expiry.ended('test-service')).toBeUndefined();
    expect(table.logger.text()).toContain(
      'Self-preservation on for test-service: 50 of 100 leases ended within 60 s, expiry pauses',
    );
  });

  it('counts what lapses bit by bit: what was within the threshold is gone, the rest is kept', async () => {
    const table = new LeaseTable({ selfPreservation });
    const keys = table.registerMany(100);
    for (let dead = 0; dead < 40; dead += 2) await table.beat(1, keys.slice(dead));
    await table.beat(5, keys.slice(40));
    const counts = shownAs(table, keys);
    expect(counts).toMatchObject({ gone: expect.any(Number), unconfirmed: expect.any(Number), listed: 60 });
    expect(counts['gone']).toBeGreaterThanOrEqual(14);
    expect(counts['gone']).toBeLessThanOrEqual(15);
  });

  it('lets go of so few that they may well be dead', async () => {
    const table = new LeaseTable({ selfPreservation });
    const keys = await silence(table, 100, 85, 10);
    expect(shownAs(table, keys)).toEqual({ gone: 15, listed: 85 });
    expect(table.leases.preservation.active).toBe(0);
  });

  it('does not count what lapsed longer ago than the window', async () => {
    const table = new LeaseTable({ selfPreservation });
    const keys = table.registerMany(100);
    await table.beat(5, keys.slice(15));
    await table.beat(66, keys.slice(15));
    await table.beat(10, keys.slice(27));
    expect(shownAs(table, keys)).toEqual({ gone: 27, listed: 73 });
  });

  it('holds back no small service by itself, and all of them when a node loses its clients at once', async () => {
    const table = new LeaseTable({ selfPreservation: { ...selfPreservation, minInstances: 12 } });
    const small = await silence(table, 11, 5, 10);
    expect(shownAs(table, small)).toEqual({ gone: 6, listed: 5 });
    const one = new LeaseTable({ selfPreservation: { ...selfPreservation, minInstances: 11 } });
    expect(shownAs(one, await silence(one, 11, 5, 10))).toEqual({ listed: 5, unconfirmed: 6 });
  });

  it('never keeps what a client removed', async () => {
    const table = new LeaseTable({ selfPreservation });
    const keys = await silence(table, 100, 50, 10);
    const record = table.get('i99');
    if (record?.state !== 'alive') throw new Error('it is not there');
    const version = { stamp: 10_000, origin: 'node1#run', round: 0, owner: '' };
    const { key, instanceKey } = record;
    table.repository.apply(
      { key, instanceKey, state: 'removed', reason: 'unregistered', version, leaseTtlMs: 0 },
      { origin: 'local' },
    );
    expect([table.shown(keys[99] ?? ''), table.leases.expiry.lapsed()]).toEqual(['gone', 49]);
  });

  it('ends when clients renew again, and what is left expires', async () => {
    const table = new LeaseTable({ selfPreservation });
    const keys = await silence(table, 100, 50, 10);
    const back = keys.slice(0, 90);
    await table.beat(2, back);
    expect(shownAs(table, keys)).toEqual({ listed: 90, unconfirmed: 10 });
    await table.beat(70, back);
    expect(shownAs(table, keys)).toEqual({ listed: 90, gone: 10 });
    expect(table.leases.preservation.active).toBe(0);
    expect(table.logger.text()).toContain('Self-preservation off for test-service: clients renew again');
  });

  it('ends after the longest duration whatever happens, does not begin anew with what is left, and can begin again', async () => {
    const table = new LeaseTable({ selfPreservation });
    const keys = await silence(table, 100, 50, 110);
    expect(shownAs(table, keys)).toEqual({ listed: 50, unconfirmed: 50 });
    await table.beat(20, keys.slice(0, 50));
    expect(shownAs(table, keys)).toEqual({ listed: 50, gone: 50 });
    expect(table.leases.preservation.status()).toMatchObject({ entered: 2, timed_out: 2, active: [] });
    await table.beat(10, keys.slice(0, 25));
    expect(shownAs(table, keys)).toEqual({ listed: 25, unconfirmed: 25, gone: 50 });
  });

  it('holds back orphans, too, whose retention is over', async () => {
    const lease = { ttlMs: 3000, orphanGraceMs: 1000, orphanRetentionMs: 8000 };
    const table = new LeaseTable({ lease, selfPreservation });
    const orphan = table.register('orphan', 'node2');
    await silence(table, 100, 50, 20);
    expect(table.shown(orphan)).toBe('hidden');
  });

  it('does nothing when it is switched off', async () => {
    const table = new LeaseTable({ selfPreservation: { ...selfPreservation, enabled: false } });
    const keys = await silence(table, 100, 50, 10);
    expect(shownAs(table, keys)).toEqual({ gone: 50, listed: 50 });
    expect(table.leases.preservation.status()).toMatchObject({ enabled: false, entered: 0 });
  });

  it('counts nothing while the node joins', async () => {
    const table = new LeaseTable({ selfPreservation });
    table.joining = true;
    await silence(table, 100, 50, 10);
    expect(table.leases.preservation.status().entered).toBe(0);
  });
});
