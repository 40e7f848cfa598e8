import { describe, expect, it } from '@jest/globals';
import { LeaseTable } from './lease-table.fixture.js';

const lease = { ttlMs: 3000, orphanGraceMs: 20_000, orphanRetentionMs: 60_000 };
const neverPreserve = { selfPreservation: { enabled: false } };

describe('own leases', () => {
  it('expire within half a second of their end, so many in a turn', async () => {
    const table = new LeaseTable(neverPreserve);
    table.registerMany(10_000);
    await table.time.advance(2900);
    const expired = (): number => table.reasons.length;
    await table.time.runUntil(() => expired() > 0, 700);
    expect(expired()).toBe(250);
    const service = 'TEST-service';
    expect(table.leases.expiry.ended(service)?.size).toBe(9750);
    await table.time.settle();
    expect([expired(), table.leases.expiry.ended(service), table.leases.expiry.lapsed()]).toEqual([
      10_000,
      undefined,
      0,
    ]);
  });

  it('do not expire, nor are they left out of answers, when they are renewed while all that lapsed are counted', async () => {
    const table = new LeaseTable(neverPreserve);
    const keys = table.registerMany(10_000);
    const service = 'TEST-service';
    const watched = (key: string): boolean => table.leases.manager.get(key)?.watched === true;
    await table.time.runUntil(() => watched(keys[9999] ?? ''), 4000);
    expect([table.leases.expiry.ended(service), table.reasons]).toEqual([undefined, []]);
    const renewed = [keys[0] ?? '', keys[9999] ?? ''];
    table.heartbeat(...renewed);
    await table.time.settle();
    expect(table.reasons).toHaveLength(9998);
    expect(table.leases.expiry.lapsed()).toBe(0);
    expect(renewed.map((key) => table.shown(key))).toEqual(['listed', 'listed']);
  });

  it('are counted to the last before self-preservation decides', async () => {
    const table = new LeaseTable();
    const keys = table.registerMany(10_000);
    await table.time.runUntil(() => table.leases.preservation.active > 0, 4000);
    expect(table.leases.expiry.lapsed()).toBe(keys.length);
    await table.time.settle();
    expect(table.reasons.filter((reason) => reason === 'expired')).toEqual([]);
  });

  it('do not expire when they are renewed while others are taken', async () => {
    const table = new LeaseTable(neverPreserve);
    const keys = table.registerMany(1000);
    const last = keys[999] ?? '';
    await table.time.runUntil(() => table.reasons.length > 0);
    table.heartbeat(last);
    await table.time.advance(1000);
    expect([table.reasons.length, table.shown(last)]).toEqual([999, 'listed']);
    await table.time.advance(3000);
    expect(table.shown(last)).toBe('gone');
  });

  it('are kept while the node joins, and have a term from then on', async () => {
    const table = new LeaseTable();
    table.joining = true;
    const key = table.register('a');
    await table.time.advance(10_000);
    expect(table.shown(key)).toBe('unconfirmed');
    table.joining = false;
    await table.time.advance(500);
    expect(table.shown(key)).toBe('listed');
    await table.time.advance(2500);
    expect(table.shown(key)).toBe('listed');
    await table.time.advance(1000);
    expect(table.shown(key)).toBe('gone');
  });

  it('end later by the time for which the process was held up', async () => {
    const table = new LeaseTable();
    const key = table.register('a');
    await table.time.advance(2900);
    table.pausedMs += 100_000;
    await table.time.advance(50);
    table.heartbeat(key);
    await table.time.advance(2900);
    expect(table.shown(key)).toBe('listed');
    expect(table.logger.text()).toContain('held up for 100.');
  });

  it('of a record that another node took over are its own no more', async () => {
    const table = new LeaseTable();
    table.joining = true;
    const key = table.register('a');
    await table.time.advance(5000);
    expect(table.leases.expiry.lapsed()).toBe(1);
    table.register('a', 'node2', { ageMs: 4000 });
    expect(table.leases.expiry.lapsed()).toBe(0);
    table.joining = false;
    await table.time.advance(10_000);
    expect(table.shown(key)).toBe('unconfirmed');
  });
});

describe('leases of other nodes', () => {
  it('become unconfirmed a second after their end, hidden after the grace, and expire after the retention', async () => {
    const table = new LeaseTable({ lease });
    const key = table.register('a', 'node2');
    const at = async (ms: number): Promise<string> => {
      await table.time.advance(ms - table.time.nowMs);
      return table.shown(key);
    };
    expect([await at(3700), await at(4500)]).toEqual(['listed', 'unconfirmed']);
    expect([await at(22_900), await at(24_000)]).toEqual(['unconfirmed', 'hidden']);
    expect([await at(62_900), await at(64_000)]).toEqual(['hidden', 'gone']);
    expect(table.get('a')).toMatchObject({
      state: 'removed',
      reason: 'expired',
      version: { round: 1, owner: '' },
    });
    expect(table.changes.at(-1)).toMatchObject({ origin: 'local', type: undefined });
  });

  it('are asked for at 0.7 of the term, at its end, and every third of a term', async () => {
    const table = new LeaseTable({ lease });
    table.reachable = ['node3'];
    table.register('a', 'node2');
    await table.time.advance(2000);
    expect(table.asked).toEqual([]);
    await table.time.advance(700);
    expect(table.asked).toEqual([['a']]);
    await table.time.advance(900);
    expect(table.asked).toHaveLength(2);
    table.asked.length = 0;
    await table.time.advance(15_000);
    expect(table.asked.length).toBeGreaterThanOrEqual(12);
    expect(table.asked.length).toBeLessThanOrEqual(15);
  });

  it('are not touched when a peer knows a younger age', async () => {
    const table = new LeaseTable({ lease });
    table.reachable = ['node3'];
    const key = table.register('a', 'node2');
    table.answer = async () => table.leases.manager.renewByPeer(key, 500);
    await table.time.advance(60_000);
    expect([table.shown(key), table.reasons]).toEqual(['listed', []]);
    expect(table.asked.length).toBeLessThan(40);
  });

  it.each(['unconfirmed', 'hidden', 'gone'])(
    'are not %s before every peer has answered or failed',
    async (fate) => {
      const table = new LeaseTable({ lease });
      table.reachable = ['node3', 'node4'];
      const key = table.register('a', 'node2');
      const before = { unconfirmed: 'listed', hidden: 'unconfirmed', gone: 'hidden' }[fate];
      await table.time.runUntil(() => table.shown(key) === before, 70_000);
      const open: (() => void)[] = [];
      table.answer = () =>
        new Promise((resolve, reject) => void open.push(open.length === 0 ? resolve : reject));
      await table.time.advance(100_000);
      expect(table.shown(key)).toBe(before);
      open[0]?.();
      await table.time.advance(2000);
      expect(table.shown(key)).toBe(before);
      table.answer = async () => undefined;
      for (const end of open) end();
      await table.time.advance(2000);
      expect(table.shown(key)).not.toBe(before);
    },
  );

  it('are listed again by a renewal, wherever it was, and lapse again after it', async () => {
    const table = new LeaseTable({ lease });
    const key = table.register('a', 'node2');
    await table.time.advance(30_000);
    table.leases.manager.renewByPeer(key, 29_000);
    expect(table.shown(key)).toBe('hidden');
    table.leases.manager.renewByPeer(key, 2000);
    expect(table.shown(key)).toBe('listed');
    await table.time.advance(2500);
    expect(table.shown(key)).toBe('unconfirmed');
  });

  it('have a fresh term after a restart, which begins no grace anew', async () => {
    const table = new LeaseTable({ lease });
    const key = table.register('a', 'node2', { origin: 'recovery', ageMs: 30_000 });
    await table.time.advance(3000);
    expect(table.shown(key)).toBe('listed');
    await table.time.advance(1500);
    expect([table.shown(key), table.reasons]).toEqual(['hidden', ['hidden']]);
  });

  it('are decided so many in a turn', async () => {
    const table = new LeaseTable({ lease });
    table.registerMany(2000, 'node2');
    await table.time.runUntil(() => table.reasons.length > 0);
    expect(table.reasons).toHaveLength(250);
    await table.time.settle();
    expect(table.reasons).toHaveLength(2000);
  });

  it('are left alone while the node joins', async () => {
    const table = new LeaseTable({ lease });
    table.joining = true;
    table.reachable = ['node3'];
    table.register('a', 'node2');
    await table.time.advance(100_000);
    expect([table.reasons, table.asked]).toEqual([[], []]);
  });
});

describe('what is held back', () => {
  const heldBack = (owner: string): { table: LeaseTable; key: string } => {
    const table = new LeaseTable({ lease });
    const key = table.register('a', owner, { origin: 'recovery', ageMs: 90_000, hidden: true });
    table.leases.lapsed.hold(key);
    return { table, key };
  };

  it.each(['node1', 'node2'])(
    'is hidden, left out, and dropped after a lease without a trace; owner %s',
    async (owner) => {
      const { table, key } = heldBack(owner);
      expect([table.shown(key), [...table.excluded]]).toEqual(['hidden', [key]]);
      await table.time.advance(2900);
      expect(table.leases.heldBack.has(key)).toBe(true);
      await table.time.advance(1000);
      expect([table.get('a'), table.leases.heldBack.size, table.excluded.size]).toEqual([undefined, 0, 0]);
      expect([table.leases.manager.size, table.leases.owned.total, table.log.revision]).toEqual([0, 0, 1]);
    },
  );

  it('is kept while the node joins', async () => {
    const { table, key } = heldBack('node2');
    table.joining = true;
    await table.time.advance(10_000);
    expect(table.leases.heldBack.has(key)).toBe(true);
  });

  it.each<[string, (table: LeaseTable, key: string) => void]>([
    ['a heartbeat', (table, key) => table.heartbeat(key)],
    ['a peer, whatever the age', (table, key) => table.leases.manager.renewByPeer(key, 50_000)],
    ['a newer version', (table) => void table.register('a', 'node3')],
  ])('is listed and given to others again once %s confirms it', async (_what, confirm) => {
    const { table, key } = heldBack('node2');
    confirm(table, key);
    expect([table.leases.heldBack.size, table.excluded.size, table.shown(key)]).toEqual([0, 0, 'listed']);
    await table.time.advance(10_000);
    expect(table.get('a')?.state).toBe('alive');
  });

  it('is everything after the process was held up beyond the retention, but what was renewed since', async () => {
    const table = new LeaseTable({ lease });
    const [before, after] = [table.register('before', 'node2'), table.register('after')];
    await table.time.advance(1000);
    table.pausedMs += 61_000;
    table.heartbeat(after);
    await table.time.settle();
    expect([table.shown(before), table.shown(after)]).toEqual(['hidden', 'listed']);
    expect([...table.excluded]).toEqual([before]);
    await table.time.advance(2500);
    table.heartbeat(after);
    await table.time.advance(1000);
    expect([table.get('before'), table.shown(after)]).toEqual([undefined, 'listed']);
  });
});
