import { readdirSync, truncateSync } from 'node:fs';
import path from 'node:path';
import type { StoreCommit } from '@artemis/core';
import { anAliveRecord, CollectedLogger, SeededRandom, VirtualTime } from '@artemis/core/testing';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DirectoryLock } from './directory-lock.js';
import { LmdbStore } from './lmdb-store.js';
import { StoreDirectory } from './store-directory.js';
import type { FakePort } from './store-port.fixture.js';
import { localPort } from './store-port.fixture.js';
import { StoreReader } from './store-reader.js';
import { temporaryFolders } from './temporary-folder.fixture.js';

const folder = temporaryFolders();
let time: VirtualTime;
let logger: CollectedLogger;
let home: string;
let threads: FakePort[];
let store: LmdbStore;

function aStore(durability: 'process' | 'disk' = 'process'): LmdbStore {
  const { clock, scheduler } = time;
  const directory = new StoreDirectory(home);
  const facts = { pid: process.pid, hostName: 'host', isAlive: () => true };
  const random = new SeededRandom(1);
  return new LmdbStore({
    directory,
    durability,
    lock: new DirectoryLock({ directory: home, facts, random, clock, scheduler, logger }),
    reader: new StoreReader({ scheduler, startProcess: localPort }),
    startThread: () => {
      const port = localPort();
      threads.push(port);
      return port;
    },
    clock,
    scheduler,
    logger,
  });
}

const record = (id: string) => anAliveRecord({ instance: { instance_id: id } });
const put = (...ids: string[]): StoreCommit => ({ put: ids.map(record), forget: [] });
const flushes = (): number => threads.flatMap(({ asked }) => asked).filter(({ op }) => op === 'flush').length;

beforeEach(async () => {
  time = new VirtualTime();
  logger = new CollectedLogger();
  home = folder();
  threads = [];
  store = aStore();
});

afterEach(() => store.close());

describe('LmdbStore', () => {
  it('is empty at first, and holds what was committed for the next run', async () => {
    expect(await store.open()).toEqual({ records: [], notes: undefined });
    const notes = { aliveWallMs: 5, contacts: { node2: 4 } };
    await store.commit({ ...put('a', 'b'), notes });
    await store.commit({ put: [record('c')], forget: [record('a').key] });
    await store.close();
    store = aStore();
    expect(await store.open()).toEqual({ records: [record('b'), record('c')], notes });
  });

  it('leaves nothing but the store behind', async () => {
    await store.open();
    await store.close();
    expect(readdirSync(home).sort()).toEqual(['data.mdb', 'lock.mdb']);
  });

  it('takes no commits before it is open, nor after it is closed', async () => {
    await expect(store.commit(put('a'))).rejects.toThrow('not open');
    await store.open();
    await store.close();
    await expect(store.commit(put('a'))).rejects.toThrow('not open');
  });

  it('makes the texts of a large commit in several turns, which requests come in between', async () => {
    const turns = jest.spyOn(time.scheduler, 'soon');
    await store.open();
    const ids = Array.from({ length: 200 }, (_, id) => `a${id}`);
    turns.mockClear();
    await time.finish(store.commit(put(...ids)));
    expect(turns.mock.calls.length).toBeGreaterThanOrEqual(3);
    await store.close();
    store = aStore();
    expect((await store.open()).records).toHaveLength(200);
  });

  it('brings commits to the disk within a tenth of a second, many at once', async () => {
    await store.open();
    await store.commit(put('a'));
    await time.advance(30);
    await store.commit(put('b'));
    expect(flushes()).toBe(0);
    await time.advance(30);
    expect(flushes()).toBe(1);
    await store.commit(put('c'));
    await time.advance(60);
    expect(flushes()).toBe(2);
  });

  it('brings what peers sent to the disk within a second, or with what clients were told of', async () => {
    await store.open();
    await store.commit({ ...put('a'), lazy: true });
    await time.advance(800);
    expect(flushes()).toBe(0);
    await time.advance(200);
    expect(flushes()).toBe(1);
    await store.commit({ ...put('b'), lazy: true });
    await time.advance(100);
    await store.commit(put('c'));
    await time.advance(60);
    expect(flushes()).toBe(2);
    await time.advance(2000);
    expect(flushes()).toBe(2);
  });

  it('brings what peers sent to the disk at once when it is much', async () => {
    const many = (from: number) => put(...Array.from({ length: 60 }, (_, id) => `a${from + id}`));
    const commit = (from: number) => time.finish(store.commit({ ...many(from), lazy: true }));
    await store.open();
    await commit(0);
    await time.advance(10);
    expect(flushes()).toBe(0);
    await commit(60);
    await time.advance(1);
    expect(flushes()).toBe(1);
    await commit(0);
    await time.advance(10);
    expect(flushes()).toBe(1);
  });

  it('waits for the disk with each commit when it is told to', async () => {
    store = aStore('disk');
    await store.open();
    await store.commit(put('a'));
    await time.advance(1000);
    expect(flushes()).toBe(0);
    expect(threads[0]?.asked).toContainEqual(expect.objectContaining({ op: 'open', durability: 'disk' }));
  });

  it('tells the next who commits that the disk took too little', async () => {
    await store.open();
    const [thread] = threads;
    const forward = thread?.onRequest;
    let broken = true;
    if (thread === undefined || forward === undefined) throw new Error('there is no thread');
    thread.onRequest = (request) => {
      if (request.op !== 'flush' || !broken) forward(request);
      else thread.answer(request.id, { kind: 'failed', problem: 'unusable', message: 'Input/output error' });
    };
    await store.commit(put('a'));
    await time.advance(60);
    await expect(store.commit(put('b'))).rejects.toThrow('Input/output error');
    broken = false;
    await store.commit(put('b'));
    await store.commit(put('c'));
  });

  it('gives up on a disk that does not answer, and comes back when it does', async () => {
    await store.open();
    const [thread] = threads;
    const forward = thread?.onRequest;
    if (thread === undefined || forward === undefined) throw new Error('there is no thread');
    const late: (() => void)[] = [];
    thread.onRequest = (request) => late.push(() => forward(request));
    const givenUp = expect(store.commit(put('a'))).rejects.toThrow('not answered for 10 s');
    await time.advance(11_000);
    // The real disk is asked what is wrong with it, which takes no virtual time.
    await givenUp;
    await expect(store.commit(put('b'))).rejects.toThrow('does not answer');
    expect(late).toHaveLength(1);
    thread.onRequest = forward;
    for (const send of late) send();
    await time.settle();
    await store.commit(put('b'));
  });

  it('starts another thread when the one that it had is gone', async () => {
    await store.open();
    const [thread] = threads;
    const dies = store.commit(put('a')).catch((error: unknown) => error);
    await Promise.resolve();
    thread?.end({ code: 1, said: 'out of memory' });
    await dies;
    await store.commit(put('b'));
    expect(threads).toHaveLength(2);
  });

  it('opens the file anew after lmdb gave up on it', async () => {
    await store.open();
    const [thread] = threads;
    const forward = thread?.onRequest;
    if (thread === undefined || forward === undefined) throw new Error('there is no thread');
    thread.onRequest = ({ id }) =>
      thread.answer(id, { kind: 'failed', problem: 'unusable', message: 'MDB_PANIC: fatal' });
    await expect(store.commit(put('a'))).rejects.toThrow('MDB_PANIC');
    thread.onRequest = forward;
    await store.commit(put('a'));
    expect(thread.asked.map(({ op }) => op)).toEqual(['open', 'commit', 'open', 'commit']);
  });

  it('moves a corrupt store aside, says so, and starts empty', async () => {
    await store.open();
    await store.commit(put('a'));
    await store.close();
    truncateSync(path.join(home, 'data.mdb'), 0);
    store = aStore();
    expect((await store.open()).records).toEqual([]);
    const [aside = ''] = readdirSync(home).filter((name) => name.startsWith('corrupt-'));
    expect(readdirSync(path.join(home, aside))).toEqual(['data.mdb']);
    expect(logger.text()).toContain(
      `was corrupt: it is no store of Artemis. It was moved to ${home}/${aside}`,
    );
    await store.commit(put('b'));
  });

  it('does not open what another holds, and touches nothing', async () => {
    await store.open();
    const second = aStore();
    await expect(second.open()).rejects.toThrow(`${home} is in use by process ${process.pid}`);
    await second.close();
    await store.commit(put('a'));
  });
});
