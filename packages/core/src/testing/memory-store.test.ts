import { describe, expect, it } from '@jest/globals';
import { anAliveRecord } from './fixtures.js';
import { MemoryStore } from './memory-store.js';
import { VirtualTime } from './virtual-time.js';

const first = anAliveRecord();
const second = anAliveRecord({ instance: { instance_id: 'inst-2' } });

describe('the memory store', () => {
  it('keeps what was committed for the next node that opens it', async () => {
    const store = new MemoryStore();
    await store.commit({ put: [first], forget: [] });
    await store.commit({ put: [{ ...first, leaseTtlMs: 5 }, second], forget: [] });
    await store.close();
    expect((await store.open()).records).toEqual([{ ...first, leaseTtlMs: 5 }, second]);
    expect(store.commits).toBe(2);
  });

  it('forgets what it is told to, and keeps the latest notes', async () => {
    const store = new MemoryStore();
    expect(await store.open()).toEqual({ records: [], notes: undefined });
    const notes = { aliveWallMs: 7, contacts: { node2: 5 } };
    await store.commit({ put: [first, second], forget: [], notes });
    await store.commit({ put: [], forget: [first.key] });
    expect(await store.open()).toEqual({ records: [second], notes });
    expect(await store.copy().open()).toEqual({ records: [second], notes });
  });

  it('shares nothing with who wrote or read', async () => {
    const store = new MemoryStore();
    await store.commit({ put: [first], forget: [] });
    const { records } = await store.open();
    const [read] = records;
    expect(read).toEqual(first);
    expect(read).not.toBe(first);
    expect(store.records[0]).not.toBe(read);
  });

  it('can be asked for one record, and copied', async () => {
    const store = new MemoryStore();
    await store.commit({ put: [first], forget: [] });
    const copy = store.copy();
    await store.commit({ put: [second], forget: [] });
    expect([store.get(first.key), store.get('nothing')]).toEqual([first, undefined]);
    expect(copy.records).toEqual([first]);
    await copy.commit({ put: [{ ...first, leaseTtlMs: 5 }], forget: [] });
    expect(store.records).toEqual([first, second]);
  });

  it('refuses commits after close, until it is opened again', async () => {
    const store = new MemoryStore();
    await store.close();
    await expect(store.commit({ put: [first], forget: [] })).rejects.toThrow('the store is closed');
    await store.open();
    await expect(store.commit({ put: [first], forget: [] })).resolves.toBeUndefined();
  });

  it('fails as told, writing nothing', async () => {
    const store = new MemoryStore();
    store.failWith(new Error('no space left'));
    await expect(store.commit({ put: [first], forget: [] })).rejects.toThrow('no space left');
    expect(store.records).toEqual([]);
    store.failWith(undefined);
    await store.commit({ put: [first], forget: [] });
    expect(store.records).toEqual([first]);
  });

  it('is as slow as told, and can fail meanwhile', async () => {
    const time = new VirtualTime();
    const store = new MemoryStore();
    store.slowDown({ delayMs: 100, scheduler: time.scheduler });
    const commit = store.commit({ put: [first], forget: [] });
    await time.advance(99);
    expect(store.records).toEqual([]);
    await time.advance(1);
    await commit;
    expect(store.records).toEqual([first]);

    const failing = store.commit({ put: [second], forget: [] });
    store.failWith(new Error('disk gone'));
    await expect(time.finish(failing)).rejects.toThrow('disk gone');
  });
});
