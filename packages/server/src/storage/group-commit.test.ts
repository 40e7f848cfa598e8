import type { Change, StoreCommit } from '@artemis/core';
import { CollectedLogger, MemoryStore, anAliveRecord, VirtualTime } from '@artemis/core/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { GroupCommit } from './group-commit.js';

/** A memory store that remembers what it was asked for. */
class WatchedStore extends MemoryStore {
  readonly asked: StoreCommit[] = [];

  override commit(commit: StoreCommit): Promise<void> {
    this.asked.push(commit);
    return super.commit(commit);
  }
}

let time: VirtualTime;
let store: WatchedStore;
let logger: CollectedLogger;
let failures: number;
let commit: GroupCommit;

beforeEach(() => {
  time = new VirtualTime();
  store = new WatchedStore();
  logger = new CollectedLogger();
  failures = 0;
  commit = new GroupCommit({
    store,
    scheduler: time.scheduler,
    logger,
    notes: () => ({ aliveWallMs: time.nowMs, contacts: {} }),
    failed: () => (failures += 1),
  });
});

const record = (id: string) => anAliveRecord({ instance: { instance_id: id } });

function change(id: string, origin: Change['origin'] = 'local'): void {
  commit.onChange({ record: record(id), origin } as Change);
}

const stored = (): string[] => store.records.map(({ instanceKey }) => instanceKey.instance_id).sort();

describe('GroupCommit', () => {
  it('resolves when the change is in the store', async () => {
    change('a');
    change('b');
    await time.finish(commit.committed());
    expect(stored()).toEqual(['a', 'b']);
  });

  it('collects what nobody waits for, until somebody waits', async () => {
    change('a', 'peer');
    await time.advance(10);
    change('b', 'peer');
    expect(store.asked).toEqual([]);
    await time.advance(15);
    expect([stored(), store.asked.length]).toEqual([['a', 'b'], 1]);
    change('c', 'peer');
    await time.finish(commit.committed());
    expect(time.nowMs).toBe(25);
    expect(stored()).toEqual(['a', 'b', 'c']);
  });

  it('tells the store whether this node made any of the changes, also one that a peer has replaced since', async () => {
    change('a', 'peer');
    await time.advance(25);
    change('b', 'peer');
    change('c');
    await time.advance(25);
    store.slowDown({ delayMs: 100, scheduler: time.scheduler });
    change('d', 'peer');
    await time.advance(50);
    change('e');
    change('e', 'peer');
    await time.advance(250);
    expect(store.asked.map(({ lazy }) => lazy)).toEqual([true, false, true, false]);
  });

  it('still knows what this node changed when a commit has failed', async () => {
    store.failWith(new Error('no space left'));
    change('a');
    await time.advance(500);
    change('a', 'peer');
    store.failWith(undefined);
    await time.advance(1000);
    expect(store.asked.map(({ lazy }) => lazy)).toEqual([false, false]);
  });

  it('still knows what this node changed when a peer changed it while the commit failed', async () => {
    store.slowDown({ delayMs: 100, scheduler: time.scheduler });
    store.failWith(new Error('no space left'));
    change('a');
    await time.advance(50);
    change('a', 'peer');
    await time.advance(100);
    store.failWith(undefined);
    await time.advance(1500);
    expect(store.asked.map(({ lazy }) => lazy)).toEqual([false, false]);
  });

  it('resolves at once when nothing waits', async () => {
    await expect(commit.committed()).resolves.toBeUndefined();
  });

  it('does not write back what the store itself brought, nor what this node thinks of a record', async () => {
    change('a', 'recovery');
    change('b', 'view');
    await time.advance(100);
    expect(store.asked).toEqual([]);
  });

  it('deletes what the table forgot, unless it is back before the commit', async () => {
    change('a');
    change('b');
    await time.finish(commit.committed());
    commit.forget(record('a').key);
    commit.forget(record('b').key);
    change('b');
    await time.advance(25);
    expect(stored()).toEqual(['b']);
  });

  it('makes several commits of many changes, and resolves with the one that has the change', async () => {
    store.slowDown({ delayMs: 100, scheduler: time.scheduler });
    for (let id = 0; id < 1000; id += 1) change(`i${id}`);
    const first = commit.committed().then(() => store.records.length);
    change('late');
    const second = commit.committed().then(() => store.records.length);
    change('i0');
    expect(await time.finish(first)).toBe(1000);
    expect(await time.finish(second)).toBe(1001);
    expect(store.asked.map(({ put }) => put.length)).toEqual([1000, 1]);
  });

  it('does not answer before what waits behind the commit under way', async () => {
    store.slowDown({ delayMs: 100, scheduler: time.scheduler });
    change('a');
    await time.advance(50);
    change('b');
    await time.finish(commit.committed());
    expect(stored()).toEqual(['a', 'b']);
  });

  it('refuses who waits when the store fails, names the reason, and recovers by itself', async () => {
    store.failWith(new Error('no space left'));
    change('a');
    const waiting = commit.committed();
    await expect(time.finish(waiting)).rejects.toThrow('no space left');
    expect(commit.failure).toBe('no space left');
    await time.advance(3000);
    expect(failures).toBeGreaterThanOrEqual(3);
    store.failWith(undefined);
    await time.advance(1500);
    expect([commit.failure, stored()]).toEqual([undefined, ['a']]);
    expect(logger.text()).toContain('The store takes writes again');
  });

  it('writes the newest state when a key changes while the store fails', async () => {
    store.failWith(new Error('no space left'));
    change('a');
    change('b');
    await time.advance(500);
    commit.forget(record('a').key);
    store.failWith(undefined);
    await time.advance(1500);
    expect(stored()).toEqual(['b']);
  });

  it('commits what waits when it is closed', async () => {
    change('a');
    await time.finish(commit.close());
    expect(stored()).toEqual(['a']);
  });
});

describe('notes', () => {
  it('are written at the start, every ten seconds, and at the end', async () => {
    commit.start();
    await time.advance(9000);
    expect(store.notes?.aliveWallMs).toBeLessThan(1000);
    await time.advance(3000);
    expect(store.notes?.aliveWallMs).toBeGreaterThanOrEqual(10_000);
    await time.advance(3000);
    await time.finish(commit.close());
    expect(store.notes?.aliveWallMs).toBe(15_000);
  });

  it('go with the changes', async () => {
    commit.start();
    change('a');
    await time.advance(100);
    expect(store.asked).toHaveLength(1);
  });

  it('are tried again when the store fails, which is how an idle node learns of it', async () => {
    store.failWith(new Error('no space left'));
    commit.start();
    await time.advance(100);
    expect(commit.failure).toBe('no space left');
    store.failWith(undefined);
    await time.advance(1000);
    expect([commit.failure, store.notes !== undefined]).toEqual([undefined, true]);
  });
});
