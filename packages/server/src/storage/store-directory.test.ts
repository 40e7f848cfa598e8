import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { StoreDirectory } from './store-directory.js';
import { temporaryFolders } from './temporary-folder.fixture.js';

const folder = temporaryFolders();
let home: string;
let directory: StoreDirectory;
const inside = (...names: string[]): string => path.join(home, 'data', ...names);

beforeEach(() => {
  home = folder();
  directory = new StoreDirectory(path.join(home, 'data'));
});

describe('StoreDirectory', () => {
  it('is made with all that leads to it, and stays when it is there', async () => {
    const deep = new StoreDirectory(path.join(home, 'a', 'b'));
    await deep.make();
    await deep.make();
    expect(statSync(deep.directory).isDirectory()).toBe(true);
  });

  it('says which directory cannot be made', async () => {
    writeFileSync(inside('..', 'data'), 'a file');
    await expect(directory.make()).rejects.toMatchObject({
      kind: 'unusable',
      message: expect.stringContaining(`${inside()} cannot be made: EEXIST`),
    });
  });

  it('takes the room for the lock file of lmdb, and wipes what an earlier run left in it', async () => {
    await directory.make();
    writeFileSync(inside('lock.mdb'), 'rubbish');
    await directory.prepare();
    const bytes = readFileSync(inside('lock.mdb'));
    expect([bytes.length, bytes.every((byte) => byte === 0)]).toEqual([64 * 1024, true]);
  });

  it('says when it may not be written to', async () => {
    await directory.make();
    mkdirSync(inside('lock.mdb'));
    await expect(directory.prepare()).rejects.toMatchObject({
      kind: 'unusable',
      message: expect.stringContaining(`${inside()} cannot be written to: EISDIR`),
    });
  });

  it('knows whether it holds a store, an empty one too, and moves it where it can be looked at', async () => {
    await directory.make();
    expect(await directory.holdsStore()).toBe(false);
    writeFileSync(inside('data.mdb'), '');
    expect(await directory.holdsStore()).toBe(true);
    const aside = await directory.moveAside(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
    expect(aside).toBe(inside('corrupt-20260102T030405678Z'));
    expect([readdirSync(aside), await directory.holdsStore()]).toEqual([['data.mdb'], false]);
  });

  it('passes on what is wrong while the disk has room', async () => {
    await directory.make();
    expect(await directory.explain(new Error('Input/output error'))).toBe('Input/output error');
  });
});
