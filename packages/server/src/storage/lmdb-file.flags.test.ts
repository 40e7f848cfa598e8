import { describe, expect, it, jest } from '@jest/globals';
import type { RootDatabaseOptionsWithPath } from 'lmdb';
import { temporaryFolders } from './temporary-folder.fixture.js';

const lmdb = await import('lmdb');
const { TransactionFlags } = lmdb;
const opened: RootDatabaseOptionsWithPath[] = [];
const committed: (number | undefined)[] = [];

/** lmdb as it is, and a note of what it is told. */
jest.unstable_mockModule('lmdb', () => ({
  ...lmdb,
  open: (options: RootDatabaseOptionsWithPath) => {
    opened.push(options);
    const root = lmdb.open(options);
    const commit = root.transactionSync.bind(root);
    root.transactionSync = (action, flags) => {
      committed.push(flags);
      return commit(action, flags);
    };
    return root;
  },
}));
const { LmdbFile } = await import('./lmdb-file.js');

const folder = temporaryFolders();

/** Of each commit: whether lmdb writes before it answers, and whether it waits for the disk. */
async function commitsOf(durability: 'process' | 'disk'): Promise<{ written: boolean; flushed: boolean }[]> {
  committed.length = 0;
  const file = new LmdbFile({ directory: folder(), create: true, durability });
  file.commit({ put: [], forget: [], notes: 'one' });
  file.commit({ put: [], forget: [], notes: 'two' });
  await file.close();
  return committed.map((flags = 0) => ({
    written: (flags & TransactionFlags.SYNCHRONOUS_COMMIT) !== 0,
    flushed: (flags & TransactionFlags.NO_SYNC_FLUSH) === 0,
  }));
}

describe('what lmdb is told', () => {
  it('with durability disk: every commit ends when it is on the disk', async () => {
    const onDisk = { written: true, flushed: true };
    expect(await commitsOf('disk')).toEqual([onDisk, onDisk, onDisk]);
  });

  it('with durability process: the first commit, which makes the file, alone waits for the disk', async () => {
    const inMemory = { written: true, flushed: false };
    expect(await commitsOf('process')).toEqual([{ written: true, flushed: true }, inMemory, inMemory]);
  });

  it('never to leave the disk out for the file as a whole, or to flush behind the back of a commit', () => {
    expect(opened.length).toBeGreaterThan(0);
    for (const { noSync, noMetaSync, mapAsync, overlappingSync } of opened as Record<string, unknown>[])
      expect([noSync, noMetaSync, mapAsync, overlappingSync]).toEqual([
        undefined,
        undefined,
        undefined,
        false,
      ]);
  });
});
