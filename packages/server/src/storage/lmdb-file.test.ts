import path from 'node:path';
import { statSync } from 'node:fs';
import { anAliveRecord } from '@artemis/core/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { open } from 'lmdb';
import { LmdbFile } from './lmdb-file.js';
import { encodeRecord } from './record-codec.js';
import { temporaryFolders } from './temporary-folder.fixture.js';

const folder = temporaryFolders();
let directory: string;
let file: LmdbFile;

beforeEach(() => {
  directory = folder();
  file = new LmdbFile({ directory, create: true, durability: 'process' });
});

afterEach(() => file.close());

async function reopen(): Promise<void> {
  await file.close();
  file = new LmdbFile({ directory, create: false, durability: 'disk' });
}

function entry(id: string, leaseTtlMs = 1000): readonly [string, string] {
  const record = anAliveRecord({ instance: { instance_id: id } });
  return encodeRecord({ ...record, leaseTtlMs });
}

const keyOfEntry = (id: string): string => entry(id)[0];
const json = (id: string, leaseTtlMs?: number): string => entry(id, leaseTtlMs)[1].slice(8);

/** Writes into a table of the file behind its back. */
async function tamper(name: string, key: string, value: string): Promise<void> {
  await file.close();
  const root = open({ path: directory });
  await root.openDB<string, string>({ name, encoding: 'string' }).put(key, value);
  await root.close();
}

describe('LmdbFile', () => {
  it('is empty at first, and knows that when it is opened again', async () => {
    await reopen();
    expect([...file.read(), file.notes]).toEqual([undefined]);
  });

  it('holds what was committed: the latest of each key, without what was forgotten', async () => {
    file.commit({ put: [entry('a'), entry('b'), entry('c')], forget: [] });
    file.commit({ put: [entry('a', 7)], forget: [keyOfEntry('b'), keyOfEntry('unknown')], notes: 'n1' });
    file.commit({ put: [], forget: [], notes: 'n2' });
    await reopen();
    expect([...file.read()]).toEqual([json('a', 7), json('c')]);
    expect(file.notes).toBe('n2');
  });

  it('grows far beyond what lmdb maps at first', async () => {
    for (let batch = 0; batch < 20; batch += 1)
      file.commit({ put: Array.from({ length: 500 }, (_, index) => entry(`${batch}-${index}`)), forget: [] });
    await reopen();
    expect([...file.read()]).toHaveLength(10_000);
    expect(statSync(path.join(directory, 'data.mdb')).size).toBeGreaterThan(2 * 1024 * 1024);
  });

  it('changes nothing when a commit fails', async () => {
    file.commit({ put: [entry('a')], forget: [] });
    const bad = ['x'.repeat(5000), 'a key that lmdb does not take'] as const;
    expect(() => file.commit({ put: [entry('b'), bad], forget: [keyOfEntry('a')] })).toThrow();
    file.commit({ put: [entry('c')], forget: [] });
    await reopen();
    expect([...file.read()]).toEqual([json('a'), json('c')]);
  });

  it('can be flushed, and tried', async () => {
    file.commit({ put: [entry('a')], forget: [] });
    await file.flush();
    file.probe();
    expect([...file.read()]).toEqual([json('a')]);
  });

  it('is corrupt when a record is not what was written', async () => {
    file.commit({ put: [entry('a')], forget: [] });
    await tamper('records', keyOfEntry('a'), entry('a')[1].replace('up', 'UP'));
    file = new LmdbFile({ directory, create: false, durability: 'process' });
    expect(() => [...file.read()]).toThrow(expect.objectContaining({ kind: 'corrupt' }));
  });

  it('is corrupt when its records are not as many as were committed', async () => {
    file.commit({ put: [entry('a')], forget: [] });
    await tamper('records', keyOfEntry('b'), entry('b')[1]);
    file = new LmdbFile({ directory, create: false, durability: 'process' });
    const problem = { kind: 'corrupt', message: 'it holds 2 records where 1 were committed' };
    expect(() => [...file.read()]).toThrow(expect.objectContaining(problem));
  });

  it('is corrupt when it is another store, or none', () => {
    const foreign = () => new LmdbFile({ directory: folder(), create: false, durability: 'process' });
    expect(foreign).toThrow(
      expect.objectContaining({ kind: 'corrupt', message: 'it is no store of Artemis' }),
    );
  });

  it('is left alone when a later version wrote it', async () => {
    await tamper('about', 'format', '2');
    expect(() => new LmdbFile({ directory, create: false, durability: 'process' })).toThrow(
      expect.objectContaining({ kind: 'newer' }),
    );
    await tamper('about', 'format', '1');
    file = new LmdbFile({ directory, create: false, durability: 'process' });
  });

  it('lies in a directory, whatever the name of that', async () => {
    const dotted = path.join(directory, 'artemis.d');
    await new LmdbFile({ directory: dotted, create: true, durability: 'process' }).close();
    expect(statSync(path.join(dotted, 'data.mdb')).isFile()).toBe(true);
  });

  it('is unusable where it may not be', () => {
    const nowhere = path.join(directory, 'data.mdb');
    const impossible = () => new LmdbFile({ directory: nowhere, create: true, durability: 'process' });
    expect(impossible).toThrow(expect.objectContaining({ kind: 'unusable' }));
  });
});
